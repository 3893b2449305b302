import { storyOf } from '../story.ts'
import { count } from '../format.ts'
import { element } from './element.js'

/** The panel that tells the story of one lost request. */
export function createPanel({ element: panel, onSelect, onClose }) {
  let shown = null
  let opener = null

  function show(run, index) {
    if (shown !== null && shown.run !== run) shown.run.highlight(null)
    if (shown === null) opener = document.activeElement
    shown = { run, index }
    panel.replaceChildren(...contentOf(run, index))
    panel.hidden = false
    run.highlight(index)
    reveal(run.markOf(index))
    run.focus(index)
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
    run.highlight(null)
    if (run.markOf(index) === undefined) opener?.focus?.()
    else run.focus(index)
    onClose(run)
  }

  /** Moves the mark out from under the panel, and into the scrolled part of a wide drawing. */
  function reveal(mark) {
    const box = mark?.getBoundingClientRect()
    if (box === undefined) return
    const scroller = mark.closest('.scroll')
    const frame = scroller.getBoundingClientRect()
    const free = innerHeight - panel.offsetHeight
    if (box.top < 24 || box.bottom > free - 24) scrollBy({ top: box.top - free / 2 })
    if (box.left < frame.left + 140 || box.right > frame.right - 24) {
      scroller.scrollBy({ left: box.left - (frame.left + frame.right) / 2 })
    }
  }

  function contentOf(run, index) {
    const { title, sentences, facts } = storyOf(run.losses[index], run.scale)
    const total = run.losses.length
    const button = (label, text, act, disabled = false) =>
      element(
        'button',
        { type: 'button', 'aria-label': label, title: label, ...(disabled && { disabled: '' }) },
        [text],
        act,
      )
    const bar = element('div', { class: 'bar' }, [
      element('h2', {}, [title]),
      element('span', { class: 'of' }, [`${count(index + 1)} of ${count(total)}`]),
      button('Previous lost request', '←', () => step(-1), index === 0),
      button('Next lost request', '→', () => step(1), index === total - 1),
      button('Close', '✕', close),
    ])
    const told = element('div', { class: 'told', 'aria-live': 'polite' }, [
      ...sentences.map((sentence) => element('p', {}, [sentence])),
      element('p', { class: 'of' }, [element('a', { href: run.linkTo(index) }, ['Link to this request'])]),
    ])
    const table = element('table', {}, [
      element(
        'tbody',
        {},
        facts.map(([name, value]) =>
          element('tr', {}, [element('th', { scope: 'row' }, [name]), element('td', {}, [value])]),
        ),
      ),
    ])
    return [bar, element('div', { class: 'content' }, [told, element('div', { class: 'told-facts' }, [table])])]
  }

  return { show, step, close, isOpen: () => shown !== null }
}
