import { count, duration } from '../format.ts'
import { drawingWidth, gutter, rightMargin } from '../geometry.ts'
import { element } from './element.js'

/* global uPlot */
const second = 1_000_000

/** Draws latency and losses over time under the timeline, once the place for them comes into view. */
export function drawWhenVisible(place, payload) {
  if (payload.buckets.length === 0) return
  place.classList.add('waiting')
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      observer.disconnect()
      draw(place, payload)
      // Canvas does not follow a style sheet: draw again when the colours change.
      matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => draw(place, payload))
    },
    { rootMargin: '200px' },
  )
  observer.observe(place)
}

function draw(place, payload) {
  const style = getComputedStyle(document.documentElement)
  const colour = (name) => style.getPropertyValue(name).trim()
  const columns = columnsOf(payload)
  const sync = { key: payload.runId }
  place.classList.remove('waiting')
  const latency = box('Latency of answered requests (log scale)')
  const lost = box(`Lost requests, each ${duration(payload.bucketUs)}`)
  place.replaceChildren(latency, lost)
  const base = { payload, colour, sync }
  new uPlot(latencyOptions(base), [columns.time, columns.p50, columns.p99, columns.max], latency)
  new uPlot(lossOptions(base), [columns.time, columns.lost], lost)
}

function box(title) {
  return element(
    'div',
    { class: 'chart', role: 'img', 'aria-label': `${title}; the same figures are in the table below` },
    [element('p', { class: 'chart-title' }, [title])],
  )
}

/** A bucket stands at its middle. */
function columnsOf({ buckets, bucketUs, scale }) {
  const pick = (index) => buckets.map((bucket) => bucket[index])
  return {
    time: buckets.map(([fromUs]) => (fromUs + bucketUs / 2 - scale.originUs) / second),
    lost: pick(2),
    p50: pick(3),
    p99: pick(4),
    max: pick(5),
  }
}

function frame({ payload: { scale }, colour, sync }, height) {
  const [from, to] = [scale.fromUs, scale.toUs].map((us) => (us - scale.originUs) / second)
  const line = { stroke: colour('--muted'), grid: { stroke: colour('--rule'), width: 1 }, ticks: { show: false } }
  return {
    width: drawingWidth,
    height,
    padding: [8, rightMargin, 0, 0],
    cursor: { sync, drag: { x: false, y: false }, points: { size: 5 } },
    legend: { live: true },
    font: '11px system-ui',
    scales: { x: { time: false, range: [from, to] } },
    axes: [
      {
        ...line,
        size: 22,
        font: '11px system-ui',
        values: (_, splits) => splits.map((value) => String(value).replace('-', '−')),
      },
      { ...line, size: gutter, font: '11px system-ui' },
    ],
  }
}

const timeSeries = { label: 'at', value: (_, value) => (value === null ? '–' : `${value.toFixed(2)} s`) }
const inUnits = (_, value) => duration(value ?? null)

function latencyOptions(base) {
  const { colour } = base
  const options = frame(base, 190)
  const line = (label, name, more) => ({
    label,
    stroke: colour(name),
    width: 1.6,
    points: { show: false },
    value: inUnits,
    ...more,
  })
  return {
    ...options,
    scales: {
      ...options.scales,
      y: { distr: 3, range: (_, min, max) => [(min || 1_000) * 0.8, (max || 10_000) * 1.25] },
    },
    axes: [
      options.axes[0],
      { ...options.axes[1], values: (_, splits) => splits.map((us) => (us === null ? null : duration(us))) },
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
  const { colour } = base
  const options = frame(base, 120)
  const bars = {
    label: 'lost',
    stroke: colour('--lost'),
    fill: colour('--lost'),
    width: 0,
    points: { show: false },
    paths: uPlot.paths.bars({ size: [0.9, 40] }),
    value: (_, value) => (value === null ? '–' : count(value)),
  }
  return {
    ...options,
    scales: { ...options.scales, y: { range: (_, min, max) => [0, Math.max(1, max)] } },
    axes: [
      options.axes[0],
      {
        ...options.axes[1],
        values: (_, splits) => splits.map((value) => (Number.isInteger(value) ? count(value) : '')),
      },
    ],
    series: [timeSeries, bars],
  }
}
