import { formatInstant } from '../../base/figures.ts'
import { gutter, plotWidth, toUs } from '../timeline/timeline-geometry.ts'
import { element } from '../page/element.js'
import { toDrawnX } from './hover.js'

/** The shortest part that is drawn: instants are told to the millisecond. */
const leastUs = 2_000
/** A press that moves less than this is a click, px. */
const leastDrag = 6

const hint = matchMedia('(hover: hover)').matches ? 'Drag over the timeline to zoom in.' : ''

/**
 * Lets a run's timeline show a part of itself: by dragging over it, by buttons, or by a link. `onScale` gets the new part and whether
 * it is the whole.
 */
export function createZoom({ figure, whole, onScale }) {
  let scale = whole
  const status = element('span', { class: 'of', role: 'status' }, [])
  const button = (text, label, act) =>
    element('button', { type: 'button', 'aria-label': label, title: label }, [text], act)
  const more = element('span', { class: 'of' }, [])
  const reset = button('Whole run', 'Show the whole run', () => zoomTo(whole.fromUs, whole.toUs))
  const tools = element('div', { class: 'tools', role: 'group', 'aria-label': 'Part of the timeline' }, [
    button('+', 'Zoom in', () => scaleBy(0.5)),
    button('−', 'Zoom out', () => scaleBy(2)),
    button('←', 'Earlier', () => moveBy(-0.5)),
    button('→', 'Later', () => moveBy(0.5)),
    reset,
    status,
    more,
  ])
  figure.querySelector('.scroll').before(tools)
  tell()

  function zoomTo(fromUs, toUs, { quiet = false } = {}) {
    const length = Math.min(Math.max(toUs - fromUs, leastUs), whole.toUs - whole.fromUs)
    const from = Math.min(Math.max((fromUs + toUs - length) / 2, whole.fromUs), whole.toUs - length)
    const next = { ...whole, fromUs: from, toUs: from + length }
    if (next.fromUs === scale.fromUs && next.toUs === scale.toUs) return
    scale = next
    tell()
    onScale(scale, { isWhole: isWhole(), quiet })
  }

  function isWhole() {
    return scale.toUs - scale.fromUs >= whole.toUs - whole.fromUs
  }

  function scaleBy(factor) {
    const middle = (scale.fromUs + scale.toUs) / 2
    const half = ((scale.toUs - scale.fromUs) / 2) * factor
    zoomTo(middle - half, middle + half)
  }

  function moveBy(share) {
    const by = (scale.toUs - scale.fromUs) * share
    zoomTo(scale.fromUs + by, scale.toUs + by)
  }

  function tell() {
    reset.disabled = isWhole()
    status.textContent = isWhole()
      ? hint
      : `${formatInstant(scale.fromUs, whole.originUs)} to ${formatInstant(scale.toUs, whole.originUs)}`
  }

  wireBrush(figure.querySelector('.scroll'), (fromX, toX) => {
    zoomTo(toUs(scale, fromX), toUs(scale, toX))
  })
  return {
    zoomTo,
    /** The place for more that is said about the part. */
    more,
    reset: (options) => zoomTo(whole.fromUs, whole.toUs, options),
    get scale() {
      return scale
    },
  }
}

/** Tells of a span that was drawn with mouse or pen; a finger scrolls. */
function wireBrush(scroller, onSpan) {
  const band = element('div', { class: 'brush', 'aria-hidden': 'true', hidden: '' }, [])
  scroller.append(band)
  let start = null
  let endedAt = -Infinity
  const getX = ({ clientX }) => Math.min(Math.max(toDrawnX(scroller, clientX), gutter), gutter + plotWidth)
  scroller.addEventListener('pointerdown', (event) => {
    const isInPlot = event.target.closest('svg.plot, .u-over') !== null
    if (event.button !== 0 || event.pointerType === 'touch' || !isInPlot) return
    start = getX(event)
  })
  scroller.addEventListener('pointermove', (event) => {
    if (start === null) return
    const x = getX(event)
    if (band.hidden && Math.abs(x - start) < leastDrag) return
    if (band.hidden) scroller.setPointerCapture(event.pointerId)
    band.hidden = false
    band.style.left = `${Math.min(start, x)}px`
    band.style.width = `${Math.abs(x - start)}px`
  })
  const end = (event, isDone) => {
    const [from, drawn] = [start, !band.hidden]
    start = null
    band.hidden = true
    if (!drawn || !isDone || from === null) return
    const x = getX(event)
    endedAt = event.timeStamp
    onSpan(Math.min(from, x), Math.max(from, x))
  }
  // The click that ends a drag is no choice of a mark.
  scroller.addEventListener(
    'click',
    (click) => {
      if (click.timeStamp - endedAt < 100) click.stopPropagation()
    },
    { capture: true },
  )
  scroller.addEventListener('pointerup', (event) => end(event, true))
  scroller.addEventListener('pointercancel', (event) => end(event, false))
}
