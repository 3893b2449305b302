/** Each format is checked with an independent reader or against its definition. */
import { execFileSync } from 'node:child_process'
import { decodeFromCompressedBase64, HistogramLogReader, listTags } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { getRecordedDir, readRecordedRun } from '../../testing/recorded-runs.ts'
import { buildSampleComparison, changeComparison, withDisturbance } from '../../testing/samples/sample-analyses.ts'
import { simulateBaseline } from '../../testing/samples/sample-baselines.ts'
import { showInvisible } from '../report/escape-html.ts'
import { hostileTexts } from '../../testing/hostile-texts.ts'
import { buildBaseline } from '../baseline/build-baseline.ts'
import { compareBaselines } from '../baseline/compare-baselines.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { buildBencherMetrics, buildCustomSmallerIsBetter } from './benchmark-json.ts'
import { listGithubAnnotations } from './github-annotations.ts'
import { exportHistograms } from './hdr-log.ts'
import { renderPrometheusText } from './prometheus-text.ts'
import { exportRequests } from './requests-csv.ts'

const recorded = getRecordedDir('rollout-naive-local')

async function readRecordedComparison(): Promise<ReportedRun[]> {
  const { plan, records } = await readRecordedRun(recorded)
  expect(records.length).toBeGreaterThan(0)
  const [sample] = buildSampleComparison().runs
  return [{ plan, analysis: sample!.analysis, dir: '.' }]
}

async function join(parts: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const part of parts) text += part
  return text
}

test('CSV: Python reads every request of a recorded run, with its own values', async () => {
  const runs = await readRecordedComparison()
  const csv = await join(exportRequests(recorded, runs, () => expect.fail('the log has all of them')))
  const script = 'import csv, json, sys; print(json.dumps(list(csv.DictReader(sys.stdin, strict=True))))'
  const read = JSON.parse(
    execFileSync('python3', ['-c', script], { input: csv, encoding: 'utf8', maxBuffer: 1e9 }),
  ) as Record<string, string>[]
  const { records } = await readRecordedRun(recorded)
  const requests = records.flatMap((record) => (record.type === 'request' ? [record.request] : []))
  expect(read).toHaveLength(requests.length)
  const run = { scenario: 'rollout', configuration: 'naive', cluster: 'local', round: '1', attempt: '1' }
  const asText = requests.map((request) => ({
    ...run,
    ...Object.fromEntries(Object.entries(request).map(([name, value]) => [name, value === null ? '' : String(value)])),
  }))
  expect(read).toEqual(asText)
})

test('CSV: names with commas, quotes, line ends and formulas stay in their cells, and none is a formula', async () => {
  const [run] = await readRecordedComparison()
  const names = [
    ...hostileTexts,
    'a "quoted", name',
    '"',
    ',,',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '👩‍💻',
    'ä'.repeat(9_000),
  ]
  let csv = ''
  for (const name of names) {
    const plan = { ...run!.plan, scenario: { ...run!.plan.scenario, name } }
    const parts = exportRequests(recorded, [{ ...run!, plan }], () => undefined)
    await parts.next()
    // Some of its lines.
    csv += (await parts.next()).value as string
  }
  const script = 'import csv, json, sys; print(json.dumps([r[:3] for r in csv.reader(sys.stdin, strict=True)]))'
  const output = execFileSync('python3', ['-c', script], { input: csv, encoding: 'utf8', maxBuffer: 1e9 })
  const rows = JSON.parse(output) as string[][]
  const read = [...new Set(rows.map(([scenario]) => scenario!))]
  expect(new Set(rows.map(([, ...others]) => others.join()))).toEqual(new Set(['naive,local']))
  for (const scenario of read) expect(scenario).not.toMatch(/^[=+\-@\t\r\n]/)
  expect(read.map((scenario) => scenario.replace(/^'(?=[=+\-@])/, ''))).toEqual(names.map(showInvisible))
})

test('HdrHistogram log: its own library reads the latencies back, a tag for each lane', async () => {
  const log = await join(exportHistograms(recorded, await readRecordedComparison()))
  const { records } = await readRecordedRun(recorded)
  const good = records.flatMap((record) =>
    record.type === 'request' && record.request.outcome === 'ok' ? [record.request] : [],
  )
  const lanes = [...new Set(good.map(({ lane }) => lane))]
  expect(listTags(log).toSorted()).toEqual(lanes.map((lane) => `rollout/naive/${lane}`).sort())
  const reader = new HistogramLogReader(log)
  for (let histogram = reader.nextIntervalHistogram(); histogram !== null; histogram = reader.nextIntervalHistogram()) {
    const { tag, totalCount, maxValue } = histogram
    const times = good
      .filter(({ lane }) => tag === `rollout/naive/${lane}`)
      .map(({ dueUs, settledUs }) => settledUs - dueUs)
    expect(totalCount).toBe(times.length)
    // To three significant digits.
    expect(maxValue / Math.max(...times)).toBeCloseTo(1, 2)
  }
  const last = log.trim().split('\n').at(-1)!.split(',').at(-1)!
  expect(decodeFromCompressedBase64(last).totalCount).toBeGreaterThan(0)
})

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details */
const sampleLine =
  /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\{(?<labels>(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\} (?<value>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/

test('Prometheus text: every line is of the format, a metric in one group with its HELP and TYPE', () => {
  const { rows } = buildSampleComparison(2)
  const hostile = { ...rows[0]!, configuration: 'a"b\\c\nd' }
  const text = renderPrometheusText([hostile, ...rows.slice(1)])
  expect(text.endsWith('\n')).toBe(true)
  let group = ''
  const groups: string[] = []
  for (const line of text.trimEnd().split('\n')) {
    const head = /^# (HELP|TYPE) (?<name>\S+) ./.exec(line)?.groups?.['name']
    if (line.startsWith('# HELP')) groups.push((group = head!))
    if (line.startsWith('#')) expect(head).toBe(group)
    else expect([line, sampleLine.exec(line)?.groups?.['name']]).toEqual([line, group])
  }
  expect(new Set(groups).size).toBe(groups.length)
  expect(text).toContain(
    `nodrop_requests_lost{scenario="rollout",configuration="graceful",cluster="local"} ${rows.at(-1)?.lost}\n`,
  )
  expect(text).toContain('configuration="a\\"b\\\\c\\nd"')
})

test('Prometheus text: of a row of which no round was judged no losses are told, not that there were none', () => {
  const { rows } = changeComparison(buildSampleComparison(), (analysis, { configuration }) =>
    configuration.name === 'graceful' ? withDisturbance('the driver was late', analysis) : {},
  )
  const told = renderPrometheusText(rows)
    .split('\n')
    .filter((line) => line.includes('configuration="graceful"'))
  const labels = 'scenario="rollout",configuration="graceful",cluster="local"'
  expect(told).toEqual([
    `nodrop_rounds{${labels}} 0`,
    `nodrop_verdict{${labels},verdict="passed"} 0`,
    `nodrop_verdict{${labels},verdict="failed"} 0`,
    `nodrop_verdict{${labels},verdict="unknown"} 1`,
  ])
})

test("github-action-benchmark: the fields that its custom tool requires, the baseline's figures in them", () => {
  const { runs } = buildSampleComparison(3)
  const result = buildCustomSmallerIsBetter(buildBaseline('now', runs))
  const [text, number] = [expect.any(String), expect.any(Number)] as [unknown, unknown]
  const parsed = JSON.parse(JSON.stringify(result)) as { name: string }[]
  for (const one of parsed) expect(one).toEqual({ name: text, unit: text, value: number, range: text, extra: text })
  const lost = runs
    .slice(0, 3)
    .map(({ analysis }) => analysis.losses.length)
    .sort((a, b) => a - b)
  expect(parsed[0]).toEqual({
    name: 'rollout × naive: lost per round',
    unit: 'requests',
    value: lost[1],
    range: `${lost[0]} to ${lost[2]}`,
    extra: 'median of 3 rounds',
  })
  expect(new Set(parsed.map(({ name }) => name)).size).toBe(parsed.length)
})

test('Bencher: benchmarks by name, measures by slug, a value between its bounds', () => {
  const metrics = buildBencherMetrics(buildBaseline('now', buildSampleComparison(3).runs))
  type Metric = Record<'value' | 'lower_value' | 'upper_value', number>
  const parsed = JSON.parse(JSON.stringify(metrics)) as Record<string, Record<string, Metric>>
  expect(Object.keys(parsed)).toContain('rollout/graceful')
  for (const [slug, metric] of Object.values(parsed).flatMap((measures) => Object.entries(measures))) {
    expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(Object.keys(metric).toSorted()).toEqual(['lower_value', 'upper_value', 'value'])
    expect(metric.lower_value).toBeLessThanOrEqual(metric.value)
    expect(metric.upper_value).toBeGreaterThanOrEqual(metric.value)
  }
})

test('the same configuration on two clusters: is exported twice, by two names', () => {
  const local = buildSampleComparison().runs
  const kind = local.map(({ plan, analysis, dir }) => {
    const runId = `${plan.runId}-kind`
    return {
      plan: { ...plan, runId, cluster: 'kind' as const },
      analysis: { ...analysis, runId, cluster: 'kind' as const },
      dir: `${dir}-kind`,
    }
  })
  const { rows, runs } = changeComparison({ runs: [...local, ...kind] }, () => ({}))
  const baseline = buildBaseline('now', runs)
  const bencher = Object.keys(buildBencherMetrics(baseline))
  expect(bencher).toHaveLength(rows.length)
  expect(bencher).toEqual(expect.arrayContaining(['rollout/graceful/local', 'rollout/graceful/kind']))
  const names = (buildCustomSmallerIsBetter(baseline) as { name: string }[]).map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  const failing = rows.map((row) => ({ ...row, result: { ...row.result, held: row.configuration !== 'graceful' } }))
  expect(listGithubAnnotations(failing).map((line) => line.split('::')[1])).toEqual([
    'error title=nodrop%3A rollout × graceful (local)',
    'error title=nodrop%3A rollout × graceful (kind)',
  ])
})

test('HdrHistogram log: the lanes of one configuration on two clusters have tags of their own', async () => {
  const [run] = await readRecordedComparison()
  const kind = { ...run!, plan: { ...run!.plan, cluster: 'kind' as const } }
  const tags = listTags(await join(exportHistograms(recorded, [run!, kind])))
  expect(tags).toEqual(expect.arrayContaining(['rollout/naive/local/fresh', 'rollout/naive/kind/fresh']))
  expect(tags.every((tag) => /^rollout\/naive\/(local|kind)\/[a-z-]+$/.test(tag))).toBe(true)
})

test('annotations: an error for what did not hold and for what is worse, in one line each', () => {
  const { rows } = changeComparison(buildSampleComparison(), () => ({}))
  const failing = rows.map((row, place) =>
    place === 0 ? { ...row, sentence: '100% lost\nof 7', result: { ...row.result, held: false } } : row,
  )
  const models = { graceful: { share: 0, burst: 0 } }
  const before = simulateBaseline('before', models, { rounds: 10, seed: 1 })
  const after = simulateBaseline('after', { graceful: { share: 1, burst: 9 } }, { rounds: 10, seed: 2 })
  const lines = listGithubAnnotations(failing, compareBaselines(before, after))
  expect(lines[0]).toBe('::error title=nodrop%3A rollout × naive::100%25 lost%0Aof 7')
  expect(lines[1]).toMatch(/^::error title=nodrop%3A rollout × graceful::worse than before: lost per round 0 → /)
})

test('annotations: a warning for what is undecided and for what lacks runs, which the exit code is too', () => {
  const { rows } = buildSampleComparison()
  const [open, lacking, ...others] = rows
  const lines = listGithubAnnotations([
    { ...open!, result: { ...open!.result, held: null } },
    { ...lacking!, account: '1 of 2 rounds judged', result: { ...lacking!.result, held: true, missing: 1 } },
    ...others,
  ])
  expect(lines).toEqual([
    expect.stringContaining(`::warning title=nodrop%3A rollout × ${open!.configuration}::`),
    expect.stringMatching(/^::warning title=nodrop%3A rollout × \S+::.*%0A1 of 2 rounds judged$/),
  ])
})
