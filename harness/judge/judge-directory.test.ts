/** What can be judged of a run's directory after its writer died, or its disk was full, at any moment. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { zstdDecompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startClock } from '../base/clock.ts'
import { judgeDirectory, reportRuns } from './judge-directory.ts'
import type { ReportedRuns } from './judge-directory.ts'
import { writeComparison } from '../log/comparison-file.ts'
import { getPlanPath, writePlan } from '../log/plan-file.ts'
import { readLog } from '../log/reader.ts'
import { openLog } from '../log/writer.ts'
import type { ComparisonPlan, RunPlan } from '../model/plan.ts'
import type { LogRecord } from '../model/record.ts'
import { createRandom } from '../base/random.ts'
import { buildDeployed } from '../testing/samples/sample-deployed.ts'
import { buildRefused } from '../testing/samples/records.ts'
import { buildPlan, buildRolloutLog } from '../testing/samples/rollout-log.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-judge-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const resolvePath = (path: string): string => JSON.stringify(join(import.meta.dirname, path))

/** Writes a run's log batch by batch until it dies, and prints how many requests it has acknowledged. */
const createWriterCommand = (runDir: string, fullRecords: number): string[] => [
  process.execPath,
  '--input-type=module',
  '--eval',
  `
    import { openLog } from ${resolvePath('../log/writer.ts')}
    import { buildRequest, stepAt } from ${resolvePath('../testing/samples/records.ts')}
    import { startClock } from ${resolvePath('../base/clock.ts')}
    const log = openLog(${JSON.stringify(join(runDir, 'events.jsonl'))}, startClock(), { fullRecords: ${fullRecords}, drivers: 1 })
    log.write({ type: 'begin', t: 0, schema: 1, runId: 'r', planDigest: null, wallClock: '' })
    log.write(stepAt(1, 'load-begin'))
    try {
      for (let seq = 0; ; ) {
        const size = 1 + (seq * 7) % 90
        log.writeMany(Array.from({ length: size }, () => ({ type: 'request', request: buildRequest({ seq, dueUs: 1000 * seq++ }) })))
        log.flush()
        process.stdout.write(seq + '\\n')
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    } catch (error) {
      process.stdout.write(error.name + ': ' + error.message + '\\n')
      process.exitCode = error.exitCode
    }`,
]

function createRunDirectory(name: string): string {
  const runDir = join(directory, name)
  mkdirSync(runDir)
  writeFileSync(join(runDir, 'plan.json'), JSON.stringify(buildPlan()))
  return runDir
}

/** The numbers of all requests in the log, in order. */
async function readNumbers(runDir: string): Promise<number[]> {
  const numbers: number[] = []
  for await (const record of readLog(runDir)) {
    if (record.type === 'request') numbers.push(record.request.seq)
    if (record.type !== 'summary') continue
    for (const { first, count } of record.summary.seqs) for (let n = 0; n < count; n++) numbers.push(first + n)
  }
  return numbers.sort((a, b) => a - b)
}

/** Reports twice with all files; returns the first result. */
async function reportTwice(runDir: string): Promise<{ verdict: string; because: string[] }> {
  const bytes = (): string =>
    ['analysis.json', 'report.html', 'junit.xml'].map((file) => readFileSync(join(runDir, file), 'utf8')).join('')
  const { runs } = await judgeDirectory(runDir)
  const first = bytes()
  await judgeDirectory(runDir)
  expect(bytes()).toBe(first)
  const { verdict, because } = runs[0]!.analysis
  return { verdict, because }
}

const kills = Number(process.env['NODROP_KILLS'] ?? 6)

describe.each([
  ['of a log that has every request', 1_000_000],
  ['of a log beyond its budget', 100],
])('kill -9 of the writer %s', (_, fullRecords) => {
  test('loses nothing that was acknowledged, and the run is reported as unknown', { timeout: 120_000 }, async () => {
    const random = createRandom(fullRecords)
    for (let round = 0; round < kills; round++) {
      const runDir = createRunDirectory(`kill-${round}`)
      const [program = '', ...args] = createWriterCommand(runDir, fullRecords)
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
      await expect.poll(() => said, { interval: 2, timeout: 20_000 }).toContain('\n')
      await sleep(random() * 150)
      child.kill('SIGKILL')
      await once(child, 'close')
      const acknowledged = Number(said.trimEnd().split('\n').at(-1))
      const numbers = await readNumbers(runDir)
      expect(numbers.length).toBeGreaterThanOrEqual(acknowledged)
      expect(numbers).toEqual(numbers.map((_n, index) => index))
      const { verdict, because } = await reportTwice(runDir)
      expect([verdict, because[0]]).toEqual(['unknown', expect.stringMatching(/^the log /)])
    }
  })
})

/** A file system of this size at `runDir`, visible only to the command and removed with it. */
const runOnSmallDisk = (runDir: string, kib: number, command: string[]): string[] => {
  const script =
    'cp "$0"/plan.json /tmp/plan.$$ && mount -t tmpfs -o size="$1"k none "$0" && mv /tmp/plan.$$ "$0"/plan.json && shift && "$@"; code=$?; cp "$0"/events.jsonl "$0"/../kept.jsonl; exit $code'
  return ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, runDir, `${kib}`, ...command]
}
const canMount =
  spawnSync('unshare', ['--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

test.skipIf(!canMount)('full disk: a message, and what was acknowledged can be reported', async () => {
  const runDir = createRunDirectory('full')
  const [program = '', ...args] = runOnSmallDisk(runDir, 256, createWriterCommand(runDir, 1_000_000))
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 25_000 })
  const lines = stdout.trimEnd().split('\n')
  expect(lines.at(-1)).toMatch(/^Fault: Cannot write the event log .*ENOSPC/)
  expect(status).toBe(3)
  writeFileSync(join(runDir, 'events.jsonl'), readFileSync(join(directory, 'kept.jsonl')))
  const numbers = await readNumbers(runDir)
  expect(numbers.length).toBeGreaterThanOrEqual(Number(lines.at(-2)))
  expect(numbers).toEqual(numbers.map((_n, index) => index))
  expect((await reportTwice(runDir)).verdict).toBe('unknown')
})

describe('a comparison of two configurations in two rounds', () => {
  const names = ['naive', 'graceful'] as const
  const createPlan = (name: string, round: number): RunPlan => ({
    ...buildPlan({}, { name, expects: name === 'naive' ? 'loses' : 'loses-none' }),
    runId: `c-${name}-${round}`,
    round,
  })
  const plans = [1, 2].flatMap((round) => names.map((name) => createPlan(name, round)))
  const getDirectory = ({ configuration, round }: RunPlan): string => join(directory, `${configuration.name}-r${round}`)
  const createComparison = (): ComparisonPlan => ({
    schema: 1,
    id: 'c',
    rounds: 2,
    seed: 1,
    mostRepeats: 1,
    repeats: [],
    cells: names.map((name) => createPlan(name, 1)),
    runs: plans.map((plan) => ({
      dir: basename(getDirectory(plan)),
      runId: plan.runId,
      round: plan.round,
      seed: plan.seed,
      cell: names.indexOf(plan.configuration.name as (typeof names)[number]),
    })),
  })

  /** Writes the run in two blocks, with `lost` refused requests. */
  async function playRun(plan: RunPlan): Promise<void> {
    const lost = plan.configuration.name === 'naive' ? 5 : 0
    mkdirSync(getDirectory(plan))
    const planDigest = writePlan(getDirectory(plan), plan)
    const log = openLog(join(getDirectory(plan), 'events.jsonl'), startClock())
    const records = buildRolloutLog((request) =>
      request.seq >= 305 && request.seq < 305 + lost
        ? buildRefused({ seq: request.seq, dueUs: request.dueUs })
        : request,
    )
    const whole = records.map((record): LogRecord => {
      if (record.type === 'begin') return { ...record, runId: plan.runId, planDigest }
      return 't' in record ? { ...record, t: Math.round(record.t) } : record
    })
    log.writeMany(whole.slice(0, 700))
    log.flush()
    log.writeMany(whole.slice(700))
    await log.close()
  }
  const writePlanOf = async (...played: RunPlan[]): Promise<void> => {
    writeComparison(directory, createComparison())
    for (const plan of played) await playRun(plan)
  }
  const [naive1, graceful1, naive2, graceful2] = plans as [RunPlan, RunPlan, RunPlan, RunPlan]
  const findRow = ({ rows }: ReportedRuns, name: string) => rows.find(({ configuration }) => configuration === name)
  const readReport = (name: string): string => readFileSync(join(directory, name), 'utf8')

  test('that was carried out has a verdict for each', async () => {
    await writePlanOf(...plans)
    const judged = await judgeDirectory(directory)
    expect(judged.rows.map(({ result }) => [result.verdict, result.held, result.missing])).toEqual([
      ['failed', true, 0],
      ['passed', true, 0],
    ])
    expect(judged.unwritten).toEqual([])
  })

  test.each([
    ['has no directory', () => undefined],
    ['has an empty directory', () => mkdirSync(getDirectory(graceful2))],
    [
      'has a plan and an empty log',
      () => {
        mkdirSync(getDirectory(graceful2))
        writePlan(getDirectory(graceful2), graceful2)
        writeFileSync(join(getDirectory(graceful2), 'events.jsonl'), '')
      },
    ],
  ])('a planned run that %s did not happen: it is in the table and in every report', async (_, make) => {
    await writePlanOf(naive1, graceful1, naive2)
    make()
    const judged = await judgeDirectory(directory)
    const { dir, analysis } = judged.runs[3]!
    expect([dir, analysis.ending, analysis.verdict, analysis.because]).toEqual([
      'graceful-r2',
      'never-began',
      'unknown',
      ['the run did not happen'],
    ])
    expect(findRow(judged, 'graceful')).toMatchObject({
      judged: 1,
      result: { verdict: 'unknown', held: null, missing: 1, because: ['round 2: the run did not happen'] },
    })
    expect(findRow(judged, 'naive')?.result).toMatchObject({ verdict: 'failed', held: true, missing: 0 })
    expect(readReport('junit.xml')).toMatch(/tests="4" failures="0" errors="1"/)
    expect(readReport('report.html')).toContain('did not happen')
    expect(readReport('summary.md')).toContain('- ❔ missing: graceful, round 2: the run did not happen')
  })

  test('of which no run ever happened is unknown as a whole', async () => {
    await writePlanOf()
    const judged = await judgeDirectory(directory)
    expect(judged.rows.map(({ result }) => [result.verdict, result.missing])).toEqual([
      ['unknown', 2],
      ['unknown', 2],
    ])
    expect(judged.runs).toHaveLength(4)
  })

  const damages: [what: string, because: RegExp, damage: (runDir: string) => void][] = [
    [
      'a log that is damaged in the middle',
      /^Cannot read the event log: line 1 of events\.jsonl: the block that begins here is not what was written$/,
      (runDir) => {
        const path = join(runDir, 'events.jsonl')
        const bytes = zstdDecompressSync(readFileSync(`${path}.zst`))
        bytes[5_000]! ^= 0x20
        rmSync(`${path}.zst`)
        writeFileSync(path, bytes)
      },
    ],
    [
      'a plan.json that is cut off',
      /^Cannot read plan\.json: .*JSON/,
      (runDir) => writeFileSync(getPlanPath(runDir), readFileSync(getPlanPath(runDir), 'utf8').slice(0, 300)),
    ],
    [
      'a plan.json that says too little',
      /^plan\.json is not the plan of a run: .*scenario/,
      (runDir) => writeFileSync(getPlanPath(runDir), '{"schema":1}'),
    ],
    [
      'no plan.json',
      /^Cannot read plan\.json: no such file or directory \(ENOENT\)$/,
      (runDir) => rmSync(getPlanPath(runDir)),
    ],
    [
      'the plan.json of another run',
      /^plan\.json is of another run: c-naive-1$/,
      (runDir) => writePlan(runDir, naive1),
    ],
    [
      'a log that is a directory',
      /^Cannot read the event log events\.jsonl: it is a directory, not a regular file$/,
      (runDir) => {
        rmSync(join(runDir, 'events.jsonl.zst'))
        mkdirSync(join(runDir, 'events.jsonl'))
      },
    ],
  ]
  test.each(damages)('a run with %s is unknown with its reason, and hides no other', async (_, because, damage) => {
    await writePlanOf(...plans)
    damage(getDirectory(graceful2))
    const judged = await judgeDirectory(directory)
    const { analysis } = judged.runs[3]!
    expect([analysis.ending, analysis.verdict, analysis.because]).toEqual([
      'unreadable',
      'unknown',
      [expect.stringMatching(because)],
    ])
    expect(findRow(judged, 'graceful')?.result).toMatchObject({ verdict: 'unknown', missing: 1 })
    expect(findRow(judged, 'naive')?.result).toMatchObject({ verdict: 'failed', held: true, missing: 0 })
    // Earlier conclusions are not left beside the log.
    expect(JSON.parse(readFileSync(join(getDirectory(graceful2), 'analysis.json'), 'utf8'))).toMatchObject({
      verdict: 'unknown',
    })
  })

  test('without comparison.json: judged by what is there, damaged runs too', async () => {
    for (const plan of [naive1, graceful1, graceful2]) await playRun(plan)
    damages[0]![2](getDirectory(graceful2))
    const judged = await judgeDirectory(directory)
    expect(findRow(judged, 'naive')).toMatchObject({ judged: 1, result: { verdict: 'failed', missing: 0 } })
    expect(findRow(judged, 'graceful')?.result).toMatchObject({ verdict: 'unknown', missing: 1 })
  })

  test('shows what its configurations change, from its folder alone', async () => {
    const keepDeployed = (plan: RunPlan): RunPlan => ({ ...plan, deployed: buildDeployed(plan.configuration.name) })
    await writePlanOf(...[naive1, graceful1, naive2, graceful2].map(keepDeployed))
    await judgeDirectory(directory)
    const summary = readReport('summary.md')
    expect(summary).toContain('those of graceful, the first configuration that lost nothing')
    expect(summary).toMatch(/^-.*- sleep 8$/m)
    expect(summary).toMatch(/^\+.*- gunicorn app$/m)
    expect(readReport('report.html')).toMatch(/<ins>\+ +- gunicorn app<\/ins>/)
  })

  test('is reported with the same bytes when its runs have just been judged', async () => {
    await writePlanOf(naive1, graceful1, naive2)
    const { runs } = await judgeDirectory(directory)
    const names = ['report.html', 'junit.xml', 'summary.md', 'summary.json']
    const first = names.map(readReport)
    const again = await reportRuns(
      directory,
      runs.filter(({ analysis }) => analysis.ending === 'complete'),
    )
    expect(again.runs.map(({ dir }) => dir)).toEqual(runs.map(({ dir }) => dir))
    expect(names.map(readReport)).toEqual(first)
  })

  test('a report that cannot be written is told, and takes no other away', async () => {
    await writePlanOf(...plans)
    mkdirSync(join(directory, 'report.html'))
    mkdirSync(join(getDirectory(naive1), 'analysis.json'))
    const judged = await judgeDirectory(directory)
    expect(judged.unwritten.map(String)).toEqual([
      expect.stringMatching(/Cannot write .*analysis\.json: .*EISDIR/),
      expect.stringMatching(/Cannot write .*report\.html: .*EISDIR/),
    ])
    expect(judged.rows.map(({ result }) => result.verdict)).toEqual(['failed', 'passed'])
    expect(readReport('junit.xml')).toMatch(/tests="4" failures="0" errors="0"/)
  })

  test.each([
    ['{', /^Cannot read .*comparison\.json: .*JSON/],
    ['{"schema":1}', /comparison\.json is not the plan of a comparison:\n[^]*→ at runs/],
    [
      { runs: [{ dir: '../other', runId: 'x', cell: 0, round: 1, seed: 1 }] },
      /must be a name, not a path[^]*runs\[0\]\.dir/,
    ],
    [{ runs: [{ dir: 'x', runId: 'x', cell: 2, round: 1, seed: 1 }] }, /a run is of a cell that is not listed/],
    [
      { runs: ['x', 'y'].map((dir) => ({ dir, runId: 'x', cell: 0, round: 1, seed: 1 })) },
      /two runs have the same runId/,
    ],
  ])('with a comparison.json of %j is bad usage, with what is wrong in it', async (content, saying) => {
    await writePlanOf(graceful1)
    const text = typeof content === 'string' ? content : JSON.stringify({ ...createComparison(), ...content })
    writeFileSync(join(directory, 'comparison.json'), text)
    await expect(judgeDirectory(directory)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(saying),
    })
  })
})
