import { diffDocuments } from '../diff/document-diff.ts'
import { formatChange } from '../diff/diff-sentences.ts'
import { renderObjects } from '../diff/render-object.ts'
import { html } from '../report/escape-html.ts'
import { createHeads, renderPlainTable, renderTableRow } from '../timeline/badges.ts'
import { element } from '../page/element.js'
import { formatPlace, goTo } from './place.js'

/** Holds any two configurations against each other: their figures, and what they deployed. */
export function createPairs(section) {
  const { headings, sides } = JSON.parse(section.querySelector('script').textContent)
  const selects = ['a', 'b'].map((name, place) => {
    const options = sides.map(({ key }, index) => element('option', { value: String(index) }, [key]))
    const select = element('select', { name }, options)
    select.value = String(place)
    select.addEventListener('change', () => choose())
    return select
  })
  const [left, right] = selects
  const swap = element('button', { type: 'button' }, ['Swap'], () => {
    ;[left.value, right.value] = [right.value, left.value]
    choose()
  })
  const view = element('div', {}, [])
  const fields = selects.map((select, place) =>
    element('label', {}, [element('span', {}, [place === 0 ? 'First' : 'Second']), select]),
  )
  section
    .querySelector('[data-pairs-view]')
    .replaceChildren(
      element('div', { class: 'filters', role: 'group', 'aria-label': 'Configurations' }, [...fields, swap]),
      view,
    )

  function choose() {
    draw()
    const [a, b] = selects.map((select) => sides[select.value].key)
    goTo(formatPlace('compare', { a, b }), { replace: true })
  }

  function draw() {
    const [one, other] = selects.map((select) => sides[select.value])
    view.innerHTML = String(renderPair(headings, one, other))
  }

  draw()
  return {
    /** Shows what a link asks for; a configuration that it does not name or the report has not stays. */
    show(fields) {
      selects.forEach((select, place) => {
        const index = sides.findIndex(({ key }) => key === fields.get(place === 0 ? 'a' : 'b'))
        if (index >= 0) select.value = String(index)
      })
      draw()
    },
  }
}

function renderPair(headings, one, other) {
  const heads = createHeads(['figure', one.key, other.key], Infinity)
  const rows = headings.map((heading, place) =>
    renderTableRow([heading, one.figures[place], other.figures[place]], Infinity),
  )
  return html`${renderPlainTable('Figures side by side', heads, rows)} ${renderPairObjects(one, other)}`
}

function renderPairObjects(one, other) {
  const unknown = [one, other].find(({ documents }) => documents === null)
  if (unknown !== undefined) return html`<p class="of">What ${unknown.key} deployed is not in the plan of its runs.</p>`
  const [before, after] = [one, other].map(
    ({ documents }) => new Map(documents.map(([name, lines]) => [name, lines.map((line) => `${line}\n`).join('')])),
  )
  const objects = diffDocuments(before, after)
  return html`<p class="of">
      Objects:
      ${formatChange({ objects })}${objects.length > 0 && html`. Lines with - are those of ${one.key}, lines with + those of ${other.key}.`}
    </p>
    <div class="difference open">${renderObjects(objects)}</div>`
}
