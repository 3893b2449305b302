/** What a run's directory is worth after its writer died, or its disk was full, at any moment. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { judge } from './judge.ts'
import { readLog } from './log/reader.ts'
import { randomOf } from './testing/random.ts'
import { planOf } from './testing/rollout-log.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-judge-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const place = (path: string): string => JSON.stringify(join(import.meta.dirname, path))

/** Writes a run's log until it dies, a batch at a time, and says on stdout how many requests it has acknowledged. */
const writer = (runDir: string, fullRecords: number): string[] => [
  process.execPath,
  '--input-type=module',
  '--eval',
  `
    import { openLog } from ${place('log/writer.ts')}
    import { requestOf, stepAt } from ${place('testing/records.ts')}
    import { startClock } from ${place('clock.ts')}
    const log = openLog(${JSON.stringify(join(runDir, 'events.jsonl'))}, startClock(), { fullRecords: ${fullRecords}, drivers: 1 })
    log.write({ type: 'begin', t: 0, schema: 1, runId: 'r', planDigest: null, wallClock: '' })
    log.write(stepAt(1, 'load-begin'))
    try {
      for (let seq = 0; ; ) {
        const size = 1 + (seq * 7) % 90
        log.writeMany(Array.from({ length: size }, () => ({ type: 'request', request: requestOf({ seq, dueUs: 1000 * seq++ }) })))
        log.flush()
        process.stdout.write(seq + '\\n')
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    } catch (error) {
      process.stdout.write(error.name + ': ' + error.message + '\\n')
      process.exitCode = error.exitCode
    }`,
]

function newRun(name: string): string {
  const runDir = join(directory, name)
  mkdirSync(runDir)
  writeFileSync(join(runDir, 'plan.json'), JSON.stringify(planOf()))
  return runDir
}

/** Numbers of all requests that the log tells of, in order. */
async function numbersIn(runDir: string): Promise<number[]> {
  const numbers: number[] = []
  for await (const record of readLog(runDir)) {
    if (record.type === 'request') numbers.push(record.request.seq)
    if (record.type !== 'summary') continue
    for (const { first, count } of record.summary.seqs) for (let n = 0; n < count; n++) numbers.push(first + n)
  }
  return numbers.sort((a, b) => a - b)
}

/** Report and all, twice; gives what the first report was. */
async function reportedTwice(runDir: string): Promise<{ verdict: string; because: string[] }> {
  const bytes = (): string =>
    ['analysis.json', 'report.html', 'junit.xml'].map((file) => readFileSync(join(runDir, file), 'utf8')).join('')
  const { runs } = await judge(runDir)
  const first = bytes()
  await judge(runDir)
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
    const random = randomOf(fullRecords)
    for (let round = 0; round < kills; round++) {
      const runDir = newRun(`kill-${round}`)
      const [program = '', ...args] = writer(runDir, fullRecords)
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
      await expect.poll(() => said, { interval: 2, timeout: 20_000 }).toContain('\n')
      await sleep(random() * 150)
      child.kill('SIGKILL')
      await once(child, 'close')
      const acknowledged = Number(said.trimEnd().split('\n').at(-1))
      const numbers = await numbersIn(runDir)
      expect(numbers.length).toBeGreaterThanOrEqual(acknowledged)
      expect(numbers).toEqual(numbers.map((_n, index) => index))
      const { verdict, because } = await reportedTwice(runDir)
      expect([verdict, because[0]]).toEqual(['unknown', expect.stringMatching(/^the log /)])
    }
  })
})

/** A file system of this size at `runDir`, seen by the command alone and gone with it. */
const onSmallDisk = (runDir: string, kib: number, command: string[]): string[] => {
  const script =
    'cp "$0"/plan.json /tmp/plan.$$ && mount -t tmpfs -o size="$1"k none "$0" && mv /tmp/plan.$$ "$0"/plan.json && shift && "$@"; code=$?; cp "$0"/events.jsonl "$0"/../kept.jsonl; exit $code'
  return ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, runDir, `${kib}`, ...command]
}
const canMount =
  spawnSync('unshare', ['--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

test.skipIf(!canMount)(
  'a disk that fills up ends the writer with a message, and what it had acknowledged can be reported',
  async () => {
    const runDir = newRun('full')
    const [program = '', ...args] = onSmallDisk(runDir, 256, writer(runDir, 1_000_000))
    const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 25_000 })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.at(-1)).toMatch(/^Fault: Cannot write the event log .*ENOSPC/)
    expect(status).toBe(4)
    writeFileSync(join(runDir, 'events.jsonl'), readFileSync(join(directory, 'kept.jsonl')))
    const numbers = await numbersIn(runDir)
    expect(numbers.length).toBeGreaterThanOrEqual(Number(lines.at(-2)))
    expect(numbers).toEqual(numbers.map((_n, index) => index))
    expect((await reportedTwice(runDir)).verdict).toBe('unknown')
  },
)
