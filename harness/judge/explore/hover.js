import { formatCount, formatDuration, formatInstant } from '../../base/figures.ts'
import { formatRequestName } from '../losses/payload.ts'
import { gutter, plotWidth, toUs } from '../timeline/timeline-geometry.ts'
import { element } from '../page/element.js'

/** A place in the window as one in the drawing that `scroller` shows a part of. */
export function toDrawnX(scroller, clientX) {
  return clientX - scroller.getBoundingClientRect().left + scroller.scrollLeft
}

/** A line at the pointer through a run's timeline and charts, with what is known of that instant. */
export function wireHover(run, { scroller, payload, getScale }) {
  const line = element('div', { class: 'cross', 'aria-hidden': 'true', hidden: '' }, [])
  const box = element('div', { class: 'hover', 'aria-hidden': 'true', hidden: '' }, [])
  scroller.append(line)
  document.body.append(box)
  const hide = () => {
    line.hidden = true
    box.hidden = true
  }
  const show = (lines, x, { clientX, clientY }) => {
    line.hidden = false
    line.style.left = `${x}px`
    box.replaceChildren(...lines.map((text) => element('p', {}, [text])))
    box.hidden = false
    const left = clientX + 16 + box.offsetWidth > innerWidth ? clientX - 16 - box.offsetWidth : clientX + 16
    box.style.left = `${Math.max(4, left)}px`
    box.style.top = `${Math.max(4, Math.min(clientY + 16, innerHeight - box.offsetHeight - 4))}px`
  }
  scroller.addEventListener('pointermove', (event) => {
    const x = toDrawnX(scroller, event.clientX)
    if (event.pointerType === 'touch' || x < gutter || x > gutter + plotWidth) return hide()
    show(describe(toUs(getScale(), x), event), x, event)
  })
  scroller.addEventListener('pointerleave', hide)
  addEventListener('scroll', hide, { passive: true })
  // A mark that is reached by keys says the same beside itself.
  scroller.addEventListener('focusin', ({ target }) => {
    const index = run.marks.indexOf(target)
    if (index === null || !target.matches(':focus-visible')) return
    const { left, bottom } = target.getBoundingClientRect()
    show(describeMark(run, target), toDrawnX(scroller, left), { clientX: left, clientY: bottom })
  })
  scroller.addEventListener('focusout', hide)

  function describe(us, event) {
    const { originUs } = payload.scale
    const at = payload.buckets.findLast(([fromUs]) => fromUs <= us)
    const phase = payload.phases.find(({ fromUs, toUs }) => fromUs <= us && us < toUs)?.phase
    const mark = run.marks.markAt(event)
    const part = event.target.dataset?.says
    return [
      `${formatInstant(us, originUs)}${phase === undefined ? '' : `, ${phase} the disruption`}`,
      ...(at !== undefined && us < at[0] + payload.bucketUs ? [describeBucket(at)] : []),
      ...(mark === null ? [] : describeMark(run, mark)),
      ...(part === undefined ? [] : [part]),
    ]
  }

  function describeBucket([, ok, lost, p50Us, p99Us]) {
    const times = p50Us === null ? '' : `, p50 ${formatDuration(p50Us)}, p99 ${formatDuration(p99Us)}`
    return `In ${formatDuration(payload.bucketUs)}: ${formatCount(ok)} answered, ${formatCount(lost)} lost${times}`
  }
}

function describeMark(run, mark) {
  const indexes = run.marks.numbersOf(mark)
  if (indexes.length === 0) return []
  const { outcome, pod, request } = run.losses[indexes[0]]
  const more = indexes.length > 1 ? ` and ${formatCount(indexes.length - 1)} more here` : ''
  return [`${outcome}, ${pod ?? 'pod not known'}: request ${formatRequestName(request)}${more}`]
}
