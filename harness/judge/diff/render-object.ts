/** The differences of objects as markup. Also runs in the browser, but uses nothing of it. */
import { formatPlural } from '../../base/figures.ts'
import { html, trustMarkup } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import type { DiffLine, ObjectDiff } from './document-diff.ts'
import { diffSigns } from './diff-sentences.ts'

/** Maximum number of lines for one configuration; a workload of many large objects may differ in every line. */
const maxLines = 600

/** All objects of one configuration; lines beyond the limit are only counted. */
export function renderObjects(objects: readonly ObjectDiff[]): Html[] {
  let left = maxLines
  return objects.map((object) => {
    const shown = object.lines.slice(0, left)
    left -= shown.length
    return renderObject(object, shown)
  })
}

function renderObject({ name, lines }: ObjectDiff, shown: readonly DiffLine[]): Html {
  const rest = lines.length - shown.length
  const label = `Differences in ${name}`
  return html`<figure>
    <figcaption>${name}</figcaption>
    <pre tabindex="0" role="group" aria-label="${label}">${shown.map(renderLine)}</pre>
    ${rest > 0 && html`<p class="of">${formatPlural(rest, 'more line')} are in the plan.json of the runs.</p>`}
  </figure>`
}

const elements: Record<DiffLine['kind'], string> = { added: 'ins', removed: 'del', same: 'span', gap: 'span' }

function renderLine({ kind, text }: DiffLine): Html {
  const element = trustMarkup(elements[kind])
  return html`<${element}>${diffSigns[kind]} ${text}</${element}>`
}
