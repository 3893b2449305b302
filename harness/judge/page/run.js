import { formatPlural } from '../../base/figures.ts'
import { gutter, toX } from '../timeline/timeline-geometry.ts'
import { renderTimeline } from '../timeline/timeline.ts'
import { formatRequestName, unpackBucket, unpackExcerpt, unpackLosses } from '../losses/payload.ts'
import { renderBucketTable } from '../tables/bucket-table.ts'
import { wireHover } from '../explore/hover.js'
import { formatPlace, goTo, toInstant, toSeconds } from '../explore/place.js'
import { createZoom } from '../explore/zoom.js'
import { createCharts } from './chart.js'
import { element } from './element.js'
import { createMarks } from './marks.js'

/** A run's section: its lost requests by number, and the marks that stand for them. */
export function createRun(section) {
  const payload = JSON.parse(section.querySelector('script.data').textContent)
  const { runId, scale } = payload
  const link = formatPlace('run=' + encodeURIComponent(runId), {})
  let losses = null
  let logExcerpts = null
  let view = null
  const run = {
    section,
    runId,
    name: payload.name,
    configuration: payload.configuration,
    pods: payload.pods,
    scale,
    link,
    /** Unpacking thousands takes time: not before they are asked for. */
    get losses() {
      losses ??= unpackLosses(payload.losses)
      return losses
    },
    get logExcerpts() {
      logExcerpts ??= payload.logExcerpts.map(unpackExcerpt)
      return logExcerpts
    },
    get marks() {
      return view.marks
    },
    linkTo: (index) => `${link}&req=${formatRequestName(run.losses[index].request)}`,
    indexNamed(name) {
      const index = name === null ? -1 : run.losses.findIndex(({ request }) => formatRequestName(request) === name)
      return index === -1 ? null : index
    },
    /** Marks and charts cost time, and a closed section is not even laid out: it is wired when it is first opened. */
    whenOpen() {
      if (!section.open || view !== null) return
      layOut(section)
      view = createView(run, payload)
    },
    /** Shows the part of the timeline that a link asks for, or the whole. */
    showSpan(from, to) {
      const [fromUs, toUs] = [toInstant(from, scale), toInstant(to, scale)]
      if (fromUs === null && toUs === null) view.zoom.reset({ quiet: true })
      else view.zoom.zoomTo(fromUs ?? scale.fromUs, toUs ?? scale.toUs, { quiet: true })
    },
    /** Makes the mark of a request visible. */
    reveal(index) {
      const { lostUs } = run.losses[index]
      const { fromUs, toUs } = view.zoom.scale
      if (lostUs < fromUs || lostUs > toUs) view.zoom.reset({ quiet: true })
    },
    drawCharts() {
      view.charts?.drawNow()
    },
  }
  return run
}

/** The content of a section that was closed when the page was written stands in a noscript element: so the page has few nodes at first. */
function layOut(section) {
  const later = section.querySelector(':scope > noscript')
  if (later === null) return
  const template = document.createElement('template')
  template.innerHTML = later.textContent
  later.replaceWith(template.content)
}

function createView(run, payload) {
  const figure = run.section.querySelector('figure.timeline')
  const [scroller, lanes] = [figure.querySelector('.scroll'), figure.querySelector('.lanes')]
  const place = figure.querySelector('[data-charts]')
  const draw = (part) => {
    lanes.innerHTML = String(renderTimeline({ ...payload, losses: run.losses }, part, payload.markLimit))
  }
  if (lanes.querySelector('svg') === null) {
    draw(payload.scale)
    const table = renderBucketTable({ ...payload, buckets: payload.buckets.map(unpackBucket) }, payload.scale)
    run.section.querySelector('.tables').insertAdjacentHTML('beforeend', String(table))
  }
  const wire = () => {
    takeTitles(lanes)
    const marks = createMarks(lanes, run)
    marks.wire()
    return marks
  }
  const view = { marks: wire(), charts: place === null ? null : createCharts(place, payload) }
  view.zoom = createZoom({
    figure,
    whole: payload.scale,
    onScale(part, { isWhole, quiet }) {
      draw(part)
      view.marks = wire()
      view.charts?.show(part)
      const span = { from: toSeconds(part.fromUs, run.scale), to: toSeconds(part.toUs, run.scale) }
      view.zoom.more.replaceChildren(...(isWhole ? [] : [linkToRequests(run, span)]))
      if (!quiet) goTo(isWhole ? run.link : formatPlace(run.link.slice(1), span), { replace: true })
    },
  })
  wireHover(run, { scroller, payload, getScale: () => view.zoom.scale })
  // Where the drawing is wider than the screen, begin where the disruption does.
  scroller.scrollLeft = toX(payload.scale, payload.scale.originUs) - gutter - 24
  return view
}

function linkToRequests(run, { from, to }) {
  const [fromUs, toUs] = [toInstant(from, run.scale), toInstant(to, run.scale)]
  const inSpan = run.losses.filter(({ lostUs }) => fromUs <= lostUs && lostUs <= toUs)
  const href = formatPlace('requests', { run: run.runId, from, to })
  return element('a', { href }, [formatPlural(inSpan.length, 'lost request') + ' here'])
}

/** What the browser would show after a while, the pointer's box shows at once. */
function takeTitles(lanes) {
  for (const title of lanes.querySelectorAll('svg.plot title')) {
    title.parentElement.dataset.says = title.textContent.trim()
    title.remove()
  }
}
