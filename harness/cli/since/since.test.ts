/** The commands for existing comparisons, as run from the command line. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Fault } from '../../base/fault.ts'
import { buildBaseline } from '../../judge/baseline/build-baseline.ts'
import { escapeMarkdown } from '../../judge/report/markdown-summary.ts'
import { decideRows } from '../../judge/statistics/decide-rows.ts'
import { formatDecisions } from '../../judge/statistics/decision-text.ts'
import { writeComparison } from '../../log/comparison-file.ts'
import { writePlan } from '../../log/plan-file.ts'
import { readBaseline } from '../../log/saved/baseline-file.ts'
import { buildComparisonPlan } from '../../measure/rounds-and-repeats.ts'
import { explainError } from '../../terminal/explain.ts'
import { captureOutput } from '../../testing/captured-output.ts'
import type { CapturedOutput } from '../../testing/captured-output.ts'
import {
  buildSampleComparison,
  changeComparison,
  withDisturbance,
  withoutLoss,
} from '../../testing/samples/sample-analyses.ts'
import type { SampleRun } from '../../testing/samples/sample-analyses.ts'
import { simulateBaseline } from '../../testing/samples/sample-baselines.ts'
import { runProgram } from '../program.ts'
import { endComparison } from '../end-comparison.ts'
import { compareWithBaseline, computeExitCodeSince, saveChanges, tellChanges } from './compare.ts'
import { selectLastFailed } from './last-failed.ts'
// Loaded before the first test, of which it would be the slowest part.
import '../run.ts'

const all = mkdtempSync(join(tmpdir(), 'nodrop-since-'))
afterAll(() => rmSync(all, { recursive: true }))
const paths = { apps: all, scenarios: all, manifests: all, reports: join(all, 'reports') }
const nodrop = (...args: string[]): Promise<CapturedOutput> => captureOutput(() => runProgram(args, paths))

/** The files that `nodrop run` leaves, without logs and reports. */
function writeRuns(id: string, runs: readonly SampleRun[]): string {
  const directory = join(paths.reports, 'runs', id)
  mkdirSync(directory, { recursive: true })
  const plan = buildComparisonPlan({
    comparison: { id, directory },
    plans: runs.map((run) => run.plan),
    mostRepeats: 0,
  })
  writeComparison(directory, plan)
  for (const [index, { dir }] of plan.runs.entries()) {
    mkdirSync(join(directory, dir))
    writePlan(join(directory, dir), runs[index]!.plan)
    writeFileSync(join(directory, dir, 'analysis.json'), JSON.stringify(runs[index]!.analysis))
  }
  return directory
}

const sample = buildSampleComparison(6)
const isPlayed = ({ plan }: SampleRun): boolean => ['naive', 'graceful'].includes(plan.configuration.name)
const before = changeComparison({ runs: sample.runs.filter(isPlayed) }, () => ({}))
/** The safe configuration now loses as much as another one does. */
const worse = changeComparison(before, ({ lossFigures }, { configuration }) =>
  configuration.name === 'graceful' ? { lossFigures: { ...lossFigures, lost: 12 } } : {},
)
const earlier = writeRuns('20261101-031700', before.runs)
const later = writeRuns('20261102-031700', worse.runs)

test('nodrop baseline: what is saved holds a comparison, explicitly, and is shown', async () => {
  const file = join(all, 'base', 'baseline.json')
  const saved = await nodrop('baseline', 'save', earlier, '--to', file)
  expect([saved.code, saved.stdout.split('\n')[0]]).toEqual([
    0,
    expect.stringMatching(/^Wrote .*baseline.json: 2 rows of 20261101-031700\.$/),
  ])
  expect(saved.stdout).toContain(
    'It has 6 rounds. With 20 rounds without a loss (--rounds 20), losses in 5 of 10 later rounds are enough',
  )
  // Ten later rounds can show a difference from six.
  expect(saved.stdout).toMatch(/^Next: nodrop run --rounds 10 --baseline \S*baseline\.json$/m)
  const text = readFileSync(file, 'utf8')
  expect(readBaseline(file).rows.map(({ configuration, rounds }) => [configuration, rounds.length])).toEqual(
    before.rows.map(({ configuration }) => [configuration, 6]),
  )
  // One line for each round: short, and readable in a diff.
  expect(text.split('\n').filter((line) => line.includes('"lost"'))).toHaveLength(12)
  expect(text.length).toBeLessThan(6_000)
  const again = await nodrop('baseline', 'save', '--to', file)
  expect(again.stdout).toMatch(/^Replaced .*: 2 rows of 20261102-031700\./)
  const shown = await nodrop('baseline', 'show', file)
  expect(shown.stdout).toMatch(/^rollout × graceful +6 +6 +12 to 12/m)
  expect(JSON.parse((await nodrop('baseline', 'show', file, '--json')).stdout)).toEqual(readBaseline(file))
})

test('nodrop baseline: a file that is none is refused, by what is wrong with it', async () => {
  const file = join(all, 'wrong.json')
  writeFileSync(file, '{"schema":1,"comparison":"c","rows":[{}]}')
  const { code, stderr } = await nodrop('baseline', 'show', file)
  expect(code).toBe(2)
  expect(stderr).toMatch(/Cannot read .*wrong\.json: it is not a baseline:[^]*rows\[0\]\.scenario/)
})

test('nodrop compare: names the row that is worse, exit 1; the other way round it is better, exit 0', async () => {
  const worsened = await nodrop('compare', earlier, later)
  expect(worsened.code).toBe(1)
  expect(worsened.stdout.split('\n')[0]).toBe('Worse than 20261101-031700: rollout × graceful.')
  expect(worsened.stdout).toMatch(
    /^ {2}rollout × graceful: worse: lost per round 0 → 12 \(in 6 of 6 rounds, was 0 of 6\), p = 0\.0\d+$/m,
  )
  const bettered = await nodrop('compare', later, earlier)
  expect([bettered.code, bettered.stdout.split('\n')[0]]).toEqual([
    0,
    'Better than 20261102-031700: rollout × graceful; nothing worse.',
  ])
  const json = JSON.parse((await nodrop('compare', earlier, earlier, '--json')).stdout) as {
    rows: { change: string }[]
  }
  expect(json.rows.map(({ change }) => change)).toEqual(['~', '~'])
})

test('nodrop run --baseline: exit 1 when worse, 4 when a row could not be compared, else that of the runs', () => {
  const baseline = buildBaseline('20261101-031700', before.runs)
  const printed: string[] = []
  const hold = (runs: readonly SampleRun[], exitCode: number, against = baseline): number => {
    const changes = compareWithBaseline(against, later, [...runs])
    expect(saveChanges(changes, later)).toEqual([])
    tellChanges(changes, (...lines) => void printed.push(...lines.map(String)))
    return computeExitCodeSince(changes, exitCode)
  }
  expect(hold(worse.runs, 0)).toBe(1)
  expect(printed[1]).toBe('Worse than 20261101-031700: rollout × graceful.')
  expect(JSON.parse(readFileSync(join(later, 'since.json'), 'utf8'))).toMatchObject({
    schema: 1,
    before: '20261101-031700',
  })
  expect([hold(worse.runs, 4), hold(before.runs, 4), hold(before.runs, 1), hold(before.runs, 0)]).toEqual([1, 4, 1, 0])
  const once = before.runs.filter(({ plan }) => plan.round === 1)
  // Not even losses in all rounds of one could be distinguished from none in six.
  expect(hold(once, 0)).toBe(4)
  const lame = changeComparison(before, (analysis, { configuration }) =>
    configuration.name === 'graceful' ? withDisturbance('the driver was late', analysis) : {},
  )
  expect(hold(lame.runs, 0)).toBe(4)
  const other = simulateBaseline('other', { mine: { share: 0, burst: 0 } }, { rounds: 9, seed: 1 })
  expect(hold(before.runs, 0, other)).toBe(4)
})

interface Ended {
  baseline?: ReturnType<typeof buildBaseline>
  isInterrupted?: boolean
  unwritten?: Fault[]
  directory?: string
}

const noRoom = new Fault('environment', 'no room')
const nowhere = join(all, 'nowhere')

test.each<[string, Ended, Fault | undefined, number]>([
  ['worse than the baseline', { baseline: buildBaseline('20261101-031700', before.runs) }, undefined, 1],
  ['interrupted', { isInterrupted: true }, undefined, 130],
  ['ended by a failure', {}, new Fault('environment', 'the node is gone'), 3],
  ['as it should be', {}, undefined, 0],
  ['interrupted, and could not be written', { isInterrupted: true, unwritten: [noRoom] }, undefined, 3],
  ['without room for its report', { unwritten: [noRoom] }, undefined, 3],
  [
    'without room for what changed',
    { baseline: buildBaseline('before', before.runs), directory: nowhere },
    undefined,
    3,
  ],
  [
    'ended by a failure, and could not be written',
    { unwritten: [noRoom] },
    new Fault('unknown', 'it did not start'),
    4,
  ],
])(
  'nodrop run --json: of a comparison that was %s it names the exit code of the process',
  async (_, { unwritten = [], directory = later, ...how }: Ended, failure, code) => {
    const ending = { baseline: null, isInterrupted: false, ...how }
    const judged = { ...worse, decisions: [], watch: null, report: null, unwritten }
    const told = await captureOutput(() =>
      endComparison({ directory, judged, failure }, { json: true }, ending).catch((error: unknown) => {
        if (failure !== undefined) expect(error).toBe(failure)
        return explainError(error).exitCode
      }),
    )
    expect([told.code, (JSON.parse(told.stdout) as { exitCode: number }).exitCode]).toEqual([code, code])
  },
)

test('nodrop run: what cannot be written keeps neither what changed nor how to resume from being told', async () => {
  const judged = {
    ...worse,
    decisions: [],
    watch: null,
    report: null,
    unwritten: [new Fault('environment', 'no room')],
  }
  const baseline = buildBaseline('20261101-031700', before.runs)
  const conclude = (isInterrupted: boolean): Promise<CapturedOutput> =>
    captureOutput(async () => {
      const ending = { baseline, isInterrupted }
      const ended = endComparison({ directory: later, judged, failure: undefined }, {}, ending)
      await expect(ended).rejects.toThrow('no room')
      return 3
    })
  expect((await conclude(false)).stdout).toContain('Worse than 20261101-031700: rollout × graceful.')
  expect((await conclude(true)).stderr).toContain('nodrop run --resume ')
})

test('nodrop run --baseline: a file that is not there ends it before anything is started', async () => {
  const { code, stderr } = await nodrop('run', '--no-config-file', '--baseline', join(all, 'none.json'))
  expect([code, stderr]).toEqual([2, expect.stringContaining('none.json: no such file or directory')])
})

test('nodrop history: a page over the folder, with links to the reports that are there', async () => {
  const folder = join(paths.reports, 'runs')
  writeFileSync(join(later, 'report.html'), '')
  writeFileSync(join(folder, 'broken.json'), '{')
  const { code, stdout, stderr } = await nodrop('history', folder)
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^Left out broken\.json: /)])
  expect(stdout).toMatch(/^No change found in 2 comparisons\.$/m)
  const page = readFileSync(join(folder, 'history.html'), 'utf8')
  expect(page).toContain('href="./20261102-031700/report.html"')
  expect(page).not.toContain('href="./20261101-031700/report.html"')
  rmSync(join(folder, 'broken.json'))
  const json = JSON.parse((await nodrop('history', folder, '--json')).stdout) as { series: unknown[] }
  expect(json.series).toHaveLength(2)
})

test('nodrop export: by the word of --format, on standard output alone', async () => {
  const { code, stdout, stderr } = await nodrop('export', later, '--format', 'comment', '--baseline', earlier)
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^<!-- nodrop -->\n### Worse than 20261101\\-031700\\: rollout × graceful\n/)
  const summary = await nodrop('export', later, '--format', 'markdown')
  const [decision] = formatDecisions(decideRows(worse.rows))
  expect(summary.stdout).toContain(`\n- ${escapeMarkdown(decision!)}\n`)
  const ignored = await nodrop('export', later, '--format', 'csv', '--baseline', earlier)
  expect([ignored.code, ignored.stdout]).toEqual([2, ''])
  expect(ignored.stderr).toContain('Cannot use --baseline with --format csv')
  const unknown = await nodrop('export', later, '--format', 'xml')
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('csv')
})

test('nodrop run --last-failed: what did not hold in the latest comparison, and nothing else', async () => {
  const out = join(all, 'failing')
  const failing = changeComparison({ runs: before.runs.slice(0, 6) }, (analysis, { configuration }) =>
    configuration.name === 'naive' ? withoutLoss(analysis) : {},
  )
  renameSync(writeRuns('20261103-031700', failing.runs), ensureFolder(out, '20261103-031700'))
  const { stderr } = await captureOutput(async () => {
    expect(await selectFrom(out)).toMatchObject({ scenario: ['rollout'], config: ['naive'], only: [{}] })
    return 0
  })
  expect(stderr).toBe('Of 20261103-031700: rollout × naive\n')
  renameSync(writeRuns('20261104-031700', before.runs), ensureFolder(out, '20261104-031700'))
  await expect(selectFrom(out)).rejects.toThrow('Cannot use --last-failed: nothing failed in 20261104-031700')
})

test('nodrop run --last-failed: what did as expected, and of which a run is missing, is run again', async () => {
  const out = join(all, 'missing')
  const lacking = changeComparison({ runs: before.runs }, (analysis, { configuration, round }) =>
    configuration.name === 'naive' && round === 2
      ? { ...withDisturbance('the run did not happen', analysis), ending: 'never-began' }
      : {},
  )
  expect(lacking.rows[0]?.result).toMatchObject({ held: true, missing: 1 })
  renameSync(writeRuns('20261106-031700', lacking.runs), ensureFolder(out, '20261106-031700'))
  await captureOutput(async () => {
    expect(await selectFrom(out)).toMatchObject({ config: ['naive'] })
    return 0
  })
})

test('nodrop run --last-failed: a configuration that was played twice is played twice again', async () => {
  const out = join(all, 'twins')
  const [naive, graceful] = before.rows.map(({ configuration }) =>
    before.runs.find(({ plan }) => plan.configuration.name === configuration),
  )
  const configuration = { ...naive!.plan.configuration, name: 'naive-again', sameAs: 'naive' }
  // It is expected to lose requests, but lost none.
  const again = { ...graceful!, plan: { ...graceful!.plan, configuration } }
  renameSync(writeRuns('20261105-031700', [naive!, again]), ensureFolder(out, '20261105-031700'))
  await captureOutput(async () => {
    expect(await selectFrom(out)).toEqual({
      scenario: ['rollout'],
      config: ['naive'],
      only: [{ scenario: 'rollout', configuration: 'naive' }],
      aa: 'naive',
    })
    return 0
  })
})

function selectFrom(out: string): ReturnType<typeof selectLastFailed> {
  return selectLastFailed({ out, command: [] as string[] } as unknown as Parameters<typeof selectLastFailed>[0])
}

function ensureFolder(out: string, name: string): string {
  mkdirSync(out, { recursive: true })
  return join(out, name)
}
