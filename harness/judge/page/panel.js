import { formatCount } from '../../base/figures.ts'
import { explainLoss } from '../losses/loss-explanation.ts'
import { element } from './element.js'

/** The panel that explains one lost request. */
export function createPanel({ element: panel, onSelect, onClose }) {
  let shown = null
  let opener = null

  function show(run, index) {
    if (shown !== null && shown.run !== run) shown.run.marks.choose(null)
    if (shown === null) opener = document.activeElement
    shown = { run, index }
    panel.replaceChildren(...buildContent(run, index, { step, close }))
    panel.hidden = false
    run.marks.choose(index)
    revealMark(run.marks.of(index), panel.offsetHeight)
    run.marks.focus(index)
    onSelect(run, index)
  }

  function step(by) {
    const index = shown.index + by
    if (index >= 0 && index < shown.run.losses.length) show(shown.run, index)
  }

  function close() {
    const { run, index } = shown
    shown = null
    panel.hidden = true
    run.marks.choose(null)
    if (run.marks.of(index) === undefined) opener?.focus?.()
    else run.marks.focus(index)
    onClose(run)
  }

  return { show, step, close, isOpen: () => shown !== null }
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
  const { title, sentences, facts } = explainLoss(run.losses[index], run.scale)
  const total = run.losses.length
  const bar = element('div', { class: 'bar' }, [
    element('h2', {}, [title]),
    element('span', { class: 'of' }, [`${formatCount(index + 1)} of ${formatCount(total)}`]),
    createButton('Previous lost request', '←', { act: () => step(-1), disabled: index === 0 }),
    createButton('Next lost request', '→', { act: () => step(1), disabled: index === total - 1 }),
    createButton('Close', '✕', { act: close, disabled: false }),
  ])
  const link = element('a', { href: run.linkTo(index) }, ['Link to this request'])
  const told = element('div', { class: 'told' }, [
    ...sentences.map((sentence) => element('p', {}, [sentence])),
    element('p', { class: 'of' }, [link]),
  ])
  const rows = facts.map(([name, value]) =>
    element('tr', {}, [element('th', { scope: 'row' }, [name]), element('td', {}, [value])]),
  )
  const table = element('table', {}, [element('tbody', {}, rows)])
  return [bar, element('div', { class: 'content' }, [told, element('div', { class: 'told-facts' }, [table])])]
}

function createButton(label, text, { act, disabled }) {
  const attributes = { type: 'button', 'aria-label': label, title: label }
  return element('button', disabled ? { ...attributes, disabled: '' } : attributes, [text], act)
}
