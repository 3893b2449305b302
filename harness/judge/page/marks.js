import { formatInstant } from '../../base/figures.ts'

/** How far from a mark a finger may be, px. */
const reach = 16

/** The marks of a section, which may stand for several lost requests each, and the one that the tab key stops at. */
export function createMarks(section, { losses, scale }) {
  const marks = [...section.querySelectorAll('.m')]
  // A mark may stand for requests alone that the page leaves to the event log: it has no number.
  const numbers = new Map(marks.map((mark) => [mark, mark.dataset.i.split(' ').filter(Boolean).map(Number)]))
  const markByIndex = []
  for (const [mark, indexes] of numbers) for (const index of indexes) markByIndex[index] = mark
  let entry = null

  function describe(mark) {
    const indexes = numbers.get(mark)
    if (indexes.length === 0) return
    const { outcome, pod, lostUs } = losses[indexes[0]]
    const more = indexes.length > 1 ? `${indexes.length} lost requests, first: ` : ''
    const at = formatInstant(lostUs, scale.originUs)
    mark.setAttribute('aria-label', `${more}${outcome} at ${at}, ${pod ?? 'pod not known'}`)
  }

  /** One stop of the tab key for all marks of a run; arrow keys go on from there. */
  function enterAt(mark) {
    for (const name of ['tabindex', 'role', 'aria-label']) entry?.removeAttribute(name)
    entry = mark
    describe(mark)
    mark.setAttribute('role', 'button')
    mark.setAttribute('tabindex', '0')
  }

  return {
    of: (index) => markByIndex[index],
    indexOf: (mark) => numbers.get(mark)?.[0] ?? null,
    numbersOf: (mark) => numbers.get(mark) ?? [],
    /** The mark at the pointer, or the nearest one in its reach. */
    markAt({ target, clientX, clientY }) {
      if (numbers.has(target)) return target
      return target.closest?.('svg.plot') ? findNearest(marks, clientX, clientY) : null
    },
    indexAt(event) {
      return numbers.get(this.markAt(event))?.[0] ?? null
    },
    wire() {
      if (markByIndex[0] !== undefined) enterAt(markByIndex[0])
    },
    focus(index) {
      if (markByIndex[index] === undefined) return
      enterAt(markByIndex[index])
      entry.focus({ preventScroll: true })
    },
    choose(index) {
      section.querySelector('.m.chosen')?.classList.remove('chosen')
      if (index !== null) markByIndex[index]?.classList.add('chosen')
    },
    /** The next loss that stands at another mark: within a bar of many, arrow keys would seem stuck. */
    beside(index, step) {
      let next = index
      do next += step
      while (next >= 0 && next < losses.length && markByIndex[next] === markByIndex[index])
      return next < 0 || next >= losses.length ? index : next
    },
  }
}

function findNearest(marks, clientX, clientY) {
  let best = null
  let least = reach
  for (const mark of marks) {
    const box = mark.getBoundingClientRect()
    const distance = Math.hypot(clientX - box.x - box.width / 2, clientY - box.y - box.height / 2)
    if (distance < least) [best, least] = [mark, distance]
  }
  return best
}
