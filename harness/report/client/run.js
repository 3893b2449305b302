import { requestName, unpackLoss } from '../payload.ts'
import { instant } from '../format.ts'
import { drawWhenVisible } from './chart.js'
import { pageThrough } from './pager.js'

/** How far from a mark a finger may be, px. */
const reach = 16

/** A run's section: its lost requests by number, and the marks that stand for them. */
export function createRun(section) {
  const payload = JSON.parse(section.querySelector('script.data').textContent)
  const losses = payload.losses.map(unpackLoss)
  const link = `#run=${encodeURIComponent(payload.runId)}`
  const marks = [...section.querySelectorAll('.m')]
  const numbers = new Map(marks.map((mark) => [mark, mark.dataset.i.split(' ').map(Number)]))
  const markOf = []
  for (const [mark, indexes] of numbers) for (const index of indexes) markOf[index] = mark
  let wired = false
  let entry = null

  const run = {
    section,
    losses,
    scale: payload.scale,
    link,
    linkTo: (index) => `${link}&req=${requestName(losses[index].request)}`,
    /** Marks, charts and pages cost time: they are made when the section is first seen open. */
    whenOpen() {
      if (!section.open || wired) return
      wired = true
      wireMarks()
      pageThrough(section, run)
      drawWhenVisible(section.querySelector('[data-charts]'), payload)
    },
    indexOf: (target) => numbers.get(target)?.[0] ?? null,
    indexAt(event) {
      const { target } = event
      if (numbers.has(target)) return run.indexOf(target)
      const plot = target.closest?.('svg.plot')
      return plot ? run.indexOf(nearest(marks, event)) : null
    },
    indexNamed(name) {
      const index = name === null ? -1 : losses.findIndex(({ request }) => requestName(request) === name)
      return index === -1 ? null : index
    },
    /** The next loss that stands at another mark: within a bar of many, arrow keys would seem stuck. */
    near(index, step) {
      let next = index
      do next += step
      while (next >= 0 && next < losses.length && markOf[next] === markOf[index])
      return next < 0 || next >= losses.length ? index : next
    },
    focus(index) {
      const mark = markOf[index]
      if (mark === undefined) return
      entry?.setAttribute('tabindex', '-1')
      entry = mark
      describe(mark)
      mark.setAttribute('tabindex', '0')
      mark.focus({ preventScroll: true })
    },
    /** Shows which mark the panel tells about, and brings it into view. */
    highlight(index) {
      section.querySelector('.m.chosen')?.classList.remove('chosen')
      const mark = index === null ? undefined : markOf[index]
      if (mark === undefined) return
      mark.classList.add('chosen')
      // The chosen one lies above its neighbours.
      mark.parentNode.append(mark)
    },
    markOf: (index) => markOf[index],
  }

  function describe(mark) {
    const indexes = numbers.get(mark)
    const { outcome, pod, request } = losses[indexes[0]]
    const more = indexes.length > 1 ? `${indexes.length} lost requests, first: ` : ''
    const where = pod === null ? 'pod not known' : pod
    mark.setAttribute(
      'aria-label',
      `${more}${outcome} at ${instant(request.settledUs, payload.scale.originUs)}, ${where}`,
    )
  }

  function wireMarks() {
    for (const mark of marks) {
      mark.setAttribute('tabindex', '-1')
      mark.setAttribute('role', 'button')
    }
    // One stop of the tab key for all marks of a run; arrow keys go on from there.
    if (markOf[0] === undefined) return
    entry = markOf[0]
    describe(entry)
    entry.setAttribute('tabindex', '0')
  }

  return run
}

function nearest(marks, { clientX, clientY }) {
  let best = null
  let least = reach
  for (const mark of marks) {
    const box = mark.getBoundingClientRect()
    const distance = Math.hypot(clientX - box.x - box.width / 2, clientY - box.y - box.height / 2)
    if (distance < least) [best, least] = [mark, distance]
  }
  return best
}
