import { formatCount, formatDuration } from '../../base/figures.ts'
import { listDurationTicks } from '../parts/duration-ticks.ts'
import { drawingWidth, gutter, rightMargin, listTicks } from '../timeline/timeline-geometry.ts'
import { element } from './element.js'

/* global uPlot */
const second = 1_000_000
const font = '11px system-ui, sans-serif'

/** Draws latency and losses over time under the timeline, once the place for them comes into view, for the part that is shown. */
export function createCharts(place, payload) {
  let charts = []
  let scale = payload.scale
  let isDrawn = false
  const draw = () => {
    for (const chart of charts) chart.destroy()
    charts = drawCharts(place, { ...payload, shown: scale })
    isDrawn = true
  }
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      observer.disconnect()
      if (!isDrawn) draw()
    },
    { rootMargin: '200px' },
  )
  observer.observe(place)
  // A canvas does not follow a style sheet: it is drawn again when the colours change.
  addEventListener('nodrop:colours', () => {
    if (isDrawn) draw()
  })
  return {
    show(part) {
      scale = part
      if (isDrawn) draw()
    },
    /** For paper, which shows what has not come into view. */
    drawNow() {
      observer.disconnect()
      draw()
    },
  }
}

function drawCharts(place, payload) {
  const style = getComputedStyle(document.documentElement)
  const base = {
    payload,
    colour: (name) => style.getPropertyValue(name).trim(),
    sync: { key: payload.runId },
  }
  const columns = getColumns(payload)
  const latency = createBox('Latency of answered requests, log scale')
  const lost = createBox(`Lost requests, each ${formatDuration(payload.bucketUs)}`)
  place.replaceChildren(latency, lost)
  return [
    new uPlot(latencyOptions(base), [columns.time, columns.p50, columns.p99, columns.max], latency),
    new uPlot(lossOptions(base), [columns.time, columns.lost], lost),
  ]
}

function createBox(title) {
  const label = `${title}; the same figures are in a table below`
  return element('div', { class: 'chart', role: 'group', 'aria-label': label }, [
    element('p', { class: 'chart-title' }, [title]),
  ])
}

/** A bucket stands at its middle. */
function getColumns({ buckets, bucketUs, scale }) {
  const pick = (index) => buckets.map((bucket) => bucket[index])
  return {
    time: buckets.map(([fromUs]) => (fromUs + bucketUs / 2 - scale.originUs) / second),
    lost: pick(2),
    p50: pick(3),
    p99: pick(4),
    max: pick(5),
  }
}

/** What both charts share: the axis of the timeline above them, to the pixel. */
function createFrame({ payload: { shown: scale }, colour, sync }, height) {
  const toSeconds = (us) => (us - scale.originUs) / second
  const ticks = listTicks(scale)
  const line = { stroke: colour('--muted'), grid: { stroke: colour('--rule'), width: 1 }, ticks: { show: false }, font }
  return {
    width: drawingWidth,
    height,
    padding: [8, rightMargin, 0, 0],
    cursor: { sync, drag: { x: false, y: false }, points: { size: 5 } },
    scales: { x: { time: false, range: [toSeconds(scale.fromUs), toSeconds(scale.toUs)] } },
    time: {
      ...line,
      size: 22,
      splits: () => ticks.map(({ us }) => toSeconds(us)),
      values: () => ticks.map(({ label }) => label),
    },
    value: { ...line, size: gutter },
  }
}

const timeSeries = { label: 'at', value: (_, value) => (value === null ? '–' : `${value.toFixed(2)} s`) }

function latencyOptions(base) {
  const { time, value, ...options } = createFrame(base, 176)
  const line = (label, name, more) => ({
    label,
    stroke: base.colour(name),
    width: 1.6,
    points: { show: false },
    value: (_, us) => formatDuration(us ?? null),
    ...more,
  })
  const y = { distr: 3, range: (_, least, most) => [(least || 1_000) / 2, (most || 10_000) * 2] }
  return {
    ...options,
    scales: { ...options.scales, y },
    axes: [
      time,
      {
        ...value,
        splits: (_, __, least, most) => listDurationTicks(least, most),
        values: (_, splits) => splits.map(formatDuration),
      },
    ],
    series: [
      timeSeries,
      line('p50', '--p50', {}),
      line('p99', '--p99', { dash: [6, 3] }),
      line('max', '--max', { width: 1, dash: [2, 2] }),
    ],
  }
}

function lossOptions(base) {
  const { time, value, ...options } = createFrame(base, 112)
  const colour = base.colour('--lost')
  const bars = {
    label: 'lost',
    stroke: colour,
    fill: colour,
    width: 0,
    points: { show: false },
    paths: uPlot.paths.bars({ size: [0.9, 40] }),
    value: (_, lost) => (lost === null ? '–' : formatCount(lost)),
  }
  return {
    ...options,
    scales: { ...options.scales, y: { range: (_, __, most) => [0, Math.max(1, most)] } },
    axes: [
      time,
      { ...value, values: (_, splits) => splits.map((lost) => (Number.isInteger(lost) ? formatCount(lost) : '')) },
    ],
    series: [timeSeries, bars],
  }
}
