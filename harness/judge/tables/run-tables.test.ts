/** The tables below a drawing contain all that the drawing shows, cell by cell. */
import { expect, test } from 'vitest'
import type { Analysis } from '../../model/result.ts'
import { parsePage } from '../../testing/html-elements.ts'
import type { Page } from '../../testing/html-elements.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { createTimeScale } from '../timeline/time-scale.ts'
import { renderTables } from './run-tables.ts'

const { runs } = buildSampleComparison()
const find = (name: string): Analysis => runs.find(({ analysis }) => analysis.configuration === name)!.analysis
const naive = find('naive')

const render = (change: Partial<Analysis> = {}, written?: Analysis['losses']): Page => {
  const analysis = { ...naive, ...change }
  return parsePage(renderTables(analysis, createTimeScale(analysis), written && { written }))
}
const sumColumn = (rows: readonly string[][], column: number): number =>
  rows.reduce((sum, row) => sum + Number(row[column]?.replaceAll(',', '')), 0)

test('lost requests: a row each, linked, in the order in which they failed', () => {
  const page = render()
  const [head, ...rows] = page.table('Every lost request')
  expect(head?.[0]).toBe('request')
  expect(rows).toHaveLength(naive.losses.length)
  const links = page.list('[data-losses] tbody a').map((link) => link.getAttribute('href'))
  expect(new Set(links).size).toBe(naive.losses.length)
  for (const link of links) expect(link).toMatch(new RegExp(`^#run=${naive.runId}&req=\\d+-\\d+$`))
})

test('lost requests: what is not written out is counted', () => {
  const link = 'Filter them in the list of all lost requests'
  const page = render({}, naive.losses.slice(0, 20))
  expect(page.table('Every lost request').slice(1)).toHaveLength(20)
  expect(page.texts('[data-losses] .of')).toEqual([`20 of ${naive.losses.length}. ${link}`])
  expect(render().texts('[data-losses] .of')).toEqual([link])
})

test('lost requests: without any there is no table of them', () => {
  const titles = render({ losses: [] }).texts('details.table summary')
  expect(titles.filter((title) => /lost request|Losses by/.test(title))).toEqual([])
})

test('losses by outcome, lane and pod: they add up, the most frequent first', () => {
  const [head, ...rows] = render().table('Losses by outcome, lane and pod')
  const lost = head!.indexOf('lost')
  expect(sumColumn(rows, lost)).toBe(naive.losses.length)
  expect(sumColumn(rows, head!.indexOf('sent again by Go'))).toBe(
    naive.losses.filter(({ retriedBy }) => retriedBy.includes('go')).length,
  )
  const counts = rows.map((row) => Number(row[lost]))
  expect(counts).toEqual(counts.toSorted((a, b) => b - a))
})

test('losses by outcome, lane and pod: of no pod is said so', () => {
  const [loss] = naive.losses
  const [, row] = render({ losses: [{ ...loss!, pod: null }] }).table('Losses by outcome, lane and pod')
  expect(row).toContain('not attributed')
})

test('latency: each lane by phase, then all lanes and the send lag', () => {
  const [head, ...rows] = render().table('Latency by lane and phase')
  expect(head).toEqual(['lane', 'phase', 'requests', 'p50', 'p90', 'p99', 'p99.9', 'max'])
  expect(rows.map(([lane, phase]) => `${lane} ${phase}`)).toEqual([
    ...naive.lanes.flatMap(({ lane }) => ['all', 'before', 'during', 'after'].map((phase) => `${lane} ${phase}`)),
    'all lanes all',
    'send lag all',
  ])
  expect(rows.at(-2)).toEqual([
    'all lanes',
    'all',
    naive.latency.count.toLocaleString('en'),
    '102 ms',
    '104 ms',
    '112 ms',
    '141 ms',
    '190 ms',
  ])
})

test('latency: without the control lane; a dash where samples are too few', () => {
  const [lane] = naive.lanes
  const quantiles = { count: 2, p50Us: 900, p90Us: 950, p99Us: 950, p999Us: null, maxUs: 950 }
  const control = { ...lane!, lane: 'control' as const, latency: quantiles }
  const rows = render({ lanes: [...naive.lanes, control] }).table('Latency by lane and phase')
  expect(rows.at(-2)?.[0]).toBe('all but control')
  expect(rows.find(([name, phase]) => name === 'control' && phase === 'all')).toEqual([
    'control',
    'all',
    '2',
    '900 µs',
    '950 µs',
    '950 µs',
    '–',
    '950 µs',
  ])
})

test('moments of pods: each with its source, by time within a pod', () => {
  const [head, ...rows] = render().table(`Moments of ${naive.pods.length} pods`)
  const at = head!.indexOf('at')
  for (const own of Map.groupBy(rows, ([pod]) => pod).values()) {
    const seconds = own.map((row) => Number(row[at]!.replace('−', '-').replace(' s', '')))
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b))
  }
  const exits = rows.filter((row) => row.includes('exited'))
  expect(exits.length).toBeGreaterThan(0)
  for (const row of exits) expect(row[head!.indexOf('source')]).toMatch(/^kubelet ±500 µs$/)
})

test('leaving pods: for how long new connections still reached them', () => {
  const lags = [
    { pod: 'web-1', sinceDeletionUs: 310_000, sinceEndpointRemovedUs: null, atLeast: false },
    { pod: 'web-2', sinceDeletionUs: -1_000, sinceEndpointRemovedUs: -20_000, atLeast: true },
  ]
  expect(render({ endpointLags: lags }).table('How long new connections').slice(1)).toEqual([
    ['web-1', '310 ms', '–', ''],
    ['web-2', '−1 ms', '−20 ms', 'or longer: its servers stopped'],
  ])
})

test('outages: from, to, what was lost or waited; no table without one', () => {
  const outages = [
    { fromUs: 6_000_000, toUs: 6_040_000, lost: 3, waited: 0, longestWaitUs: 0 },
    { fromUs: 9_000_000, toUs: 10_500_000, lost: 0, waited: 2, longestWaitUs: 1_200_000 },
  ]
  expect(render({ outages }).table('Outages').slice(1)).toEqual([
    ['+1.000 s', '+1.040 s', '40 ms', '3', '0', '–'],
    ['+4.000 s', '+5.500 s', '1.5 s', '0', '2', '1.2 s'],
  ])
  expect(render({ outages: [] }).texts('details.table summary')).not.toContain('Outages')
})

test('over time: the buckets of the charts, every request in one of them', () => {
  const [head, ...rows] = render().table('Latency and losses over time, each 250 ms')
  expect(rows).toHaveLength(naive.buckets.length)
  expect(sumColumn(rows, head!.indexOf('lost'))).toBe(naive.buckets.reduce((sum, { lost }) => sum + lost, 0))
})

test('servers: where their logs were read, and not where no server logs', () => {
  expect(render().texts('details.table summary')).toContain('What the servers saw')
  expect(render({ servers: null }).texts('details.table summary')).not.toContain('What the servers saw')
})

test('requests: where there are several, of each what was lost and how', () => {
  const requests = [
    {
      name: 'GET /<cart>',
      weight: 3,
      sent: 1_500,
      lost: 30,
      outcomes: { refused: 10, 'header-mismatch': 20 } as const,
    },
    { name: 'order', weight: 1, sent: 500, lost: 0, outcomes: {} },
  ]
  expect(render({ requests }).table('Losses by request')).toEqual([
    ['request', 'outcomes', 'weight', 'sent', 'lost', 'share'],
    ['GET /<cart>', 'header-mismatch 20 · refused 10', '3', '1,500', '30', '2 %'],
    ['order', '–', '1', '500', '0', '0 %'],
  ])
  expect(
    render()
      .texts('summary')
      .some((title) => title.includes('by request')),
  ).toBe(false)
})

test('margins: of each leaving pod how long connections came and how long it answered, with the error', () => {
  const fresh = {
    connectingUs: 905_000,
    source: 'kernel' as const,
    atLeast: false,
    answeringUs: 54_000,
    marginUs: -851_000,
    errorUs: 5_000,
  }
  const pod = { pod: 'web-1', deletionUs: 0, fresh, kept: null, upstream: null, endedBy: 'TERM' }
  const kept = { cut: 3, firstUs: 20_000, lastUs: 60_000 }
  const upstream = { status: 502, answers: 12, fromUs: 100_000, toUs: 4_900_000 }
  const page = render({ margins: [pod, { ...pod, pod: 'web-2', fresh: null, kept, upstream, endedBy: null }] })
  expect(page.table('Margin of 2 pods').slice(1)).toEqual([
    ['web-1', '905 ms', '54 ms', '−851 ms ±5 ms', 'kernel', '–', '–', 'TERM'],
    ['web-2', '–', '–', '–', '–', '3, 20–60 ms after', '12 × 502 for 4.8 s', '–'],
  ])
  expect(
    render({ margins: [] })
      .texts('details.table summary')
      .filter((title) => title.startsWith('Margin')),
  ).toEqual([])
})
