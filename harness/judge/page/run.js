import { gutter, toX } from '../timeline/timeline-geometry.ts'
import { formatRequestName, unpackLosses } from '../losses/payload.ts'
import { drawWhenVisible } from './chart.js'
import { createMarks } from './marks.js'
import { pageThrough } from './pager.js'

/** A run's section: its lost requests by number, and the marks that stand for them. */
export function createRun(section) {
  const payload = JSON.parse(section.querySelector('script.data').textContent)
  const losses = unpackLosses(payload.losses)
  const link = `#run=${encodeURIComponent(payload.runId)}`
  const marks = createMarks(section, { losses, scale: payload.scale })
  let wired = false
  const run = {
    section,
    losses,
    marks,
    scale: payload.scale,
    link,
    linkTo: (index) => `${link}&req=${formatRequestName(losses[index].request)}`,
    indexNamed(name) {
      const index = name === null ? -1 : losses.findIndex(({ request }) => formatRequestName(request) === name)
      return index === -1 ? null : index
    },
    /** Marks, charts and pages cost time: they are wired when the section is first seen open. */
    whenOpen() {
      if (!section.open || wired) return
      wired = true
      marks.wire()
      pageThrough(section, run)
      // Where the drawing is wider than the screen, begin where the disruption does.
      section.querySelector('.timeline .scroll').scrollLeft = toX(payload.scale, payload.scale.originUs) - gutter - 24
      drawWhenVisible(section.querySelector('[data-charts]'), payload)
    },
  }
  return run
}
