import { formatCount } from '../../base/figures.ts'
import { formatLossText } from '../losses/loss-text.ts'
import { explainLoss } from '../losses/loss-explanation.ts'
import { listChronology } from '../losses/loss-chronology.ts'
import { copyText } from '../explore/copy.js'
import { element } from './element.js'

/** The panel that explains one lost request. */
export function createPanel({ element: panel, onSelect, onClose }) {
  let shown = null
  let opener = null

  function show(run, index, { isLinked = false } = {}) {
    const isNext = shown !== null
    if (isNext && shown.run !== run) shown.run.marks.choose(null)
    if (!isNext) opener = document.activeElement
    shown = { run, index }
    panel.replaceChildren(...buildContent(run, index, { step, close }))
    panel.hidden = false
    run.reveal(index)
    run.marks.choose(index)
    revealMark(run.marks.of(index), panel.offsetHeight)
    if (run.marks.of(index) === undefined) panel.focus()
    else run.marks.focus(index)
    if (!isLinked) onSelect(run, index, isNext)
  }

  function step(by) {
    const index = shown.index + by
    if (index >= 0 && index < shown.run.losses.length) show(shown.run, index)
  }

  /** Without a word to the address bar, which has led here. */
  function hide() {
    shown.run.marks.choose(null)
    shown = null
    panel.hidden = true
  }

  function close() {
    const { run, index } = shown
    hide()
    if (run.marks.of(index) === undefined) opener?.focus?.()
    else run.marks.focus(index)
    onClose(run)
  }

  return { show, step, hide, close, isOpen: () => shown !== null }
}

/** Moves the mark out from under the panel, and into the scrolled part of a wide drawing. */
function revealMark(mark, panelHeight) {
  if (mark === undefined) return
  const box = mark.getBoundingClientRect()
  const scroller = mark.closest('.scroll')
  const frame = scroller.getBoundingClientRect()
  const free = innerHeight - panelHeight
  if (box.top < 24 || box.bottom > free - 24) scrollBy({ top: box.top - free / 2 })
  if (box.left < frame.left + 140 || box.right > frame.right - 24) {
    scroller.scrollBy({ left: box.left - (frame.left + frame.right) / 2 })
  }
}

function buildContent(run, index, { step, close }) {
  const loss = run.losses[index]
  const { title, sentences, facts } = explainLoss(loss, run.scale)
  const total = run.losses.length
  const bar = element('div', { class: 'bar' }, [
    element('h2', {}, [title]),
    element('span', { class: 'of' }, [`${formatCount(index + 1)} of ${formatCount(total)}`]),
    createButton('Previous lost request', '←', { act: () => step(-1), disabled: index === 0 }),
    createButton('Next lost request', '→', { act: () => step(1), disabled: index === total - 1 }),
    createButton('Close', '✕', { act: close, disabled: false }),
  ])
  const link = element('a', { href: new URL(run.linkTo(index), location.href).href }, ['Link to this request'])
  const said = element('span', { role: 'status' }, [])
  const copy = element('button', { type: 'button' }, ['Copy as text'], async () => {
    const text = formatLossText(loss, run)
    said.textContent = (await copyText(text)) ? 'Copied' : 'Cannot copy here'
  })
  const told = element('div', { class: 'told' }, [
    ...sentences.map((sentence) => element('p', {}, [sentence])),
    element('p', { class: 'of' }, [link, ' ', copy, ' ', said]),
  ])
  const around = listChronology(loss, run).map(({ at, who, what, isOwn }) => [at, `${who} ${what}`, isOwn])
  return [
    bar,
    element('div', { class: 'content' }, [
      told,
      element('div', { class: 'around' }, [element('h3', {}, ['What happened around it']), createTable(around)]),
      element('div', { class: 'told-facts' }, [createTable(facts)]),
    ]),
  ]
}

function createTable(rows) {
  const lines = rows.map(([name, value, isOwn]) =>
    element('tr', isOwn ? { class: 'own' } : {}, [element('th', { scope: 'row' }, [name]), element('td', {}, [value])]),
  )
  return element('table', {}, [element('tbody', {}, lines)])
}

function createButton(label, text, { act, disabled }) {
  const attributes = { type: 'button', 'aria-label': label, title: label }
  return element('button', disabled ? { ...attributes, disabled: '' } : attributes, [text], act)
}
