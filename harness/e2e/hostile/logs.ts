/** Hostile directories of runs: plans, comparisons, event logs. */
import { copyFileSync, createWriteStream, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, createZstdCompress, zstdDecompressSync } from 'node:zlib'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { reportCommand } from '../../cli/report.ts'
import { sealBlock } from '../../log/block.ts'
import { getRecordedDir } from '../../testing/recorded-runs.ts'
import { createDevice, large, createPipe } from './files.ts'
import type { Command, HostileInput } from './input.ts'

const recorded = getRecordedDir('rollout-naive-local')
const readRecordedLog = (): string => zstdDecompressSync(readFileSync(join(recorded, 'events.jsonl.zst'))).toString()
const readRecordedPlan = (): Record<string, unknown> =>
  JSON.parse(readFileSync(join(recorded, 'plan.json'), 'utf8')) as Record<string, unknown>

/** `nodrop report` for a run's directory that `make` has changed. */
function createRunCase(name: string, exitCode: number, says: RegExp, make: (folder: string) => unknown): HostileInput {
  const prepare = async (folder: string): Promise<Command> => {
    copyFileSync(join(recorded, 'plan.json'), join(folder, 'plan.json'))
    await make(folder)
    return () => reportCommand(folder, {})
  }
  return { name, exitCode, says, prepare }
}

/** With this value at these keys of its plan. */
function createPlanCase(name: string, keys: string, value: unknown, says: RegExp): HostileInput {
  return createRunCase(`plan: ${name}`, 2, says, (folder) => {
    const changed = readRecordedPlan()
    setValue(changed, keys.split('.'), value)
    writeFileSync(join(folder, 'plan.json'), JSON.stringify(changed))
  })
}

function setValue(object: object, [key = '', ...keys]: readonly string[], value: unknown): void {
  const fields = object as Record<string, unknown>
  if (keys.length === 0) fields[key] = value
  else setValue(fields[key] as object, keys, value)
}

/** With these lines after those of the recorded run, under right seals. */
function createLogCase(name: string, more: () => Iterable<string>, exitCode = 4, says = /undecided/): HostileInput {
  return createRunCase(`log: ${name}`, exitCode, says, (folder) => {
    const whole = readRecordedLog()
    const [, lines, last] = /\["crc",(\d+),(\d+)\]\n$/.exec(whole) ?? []
    if (lines === undefined) throw new Error('Cannot play: the recorded log has no seal')
    const added = [...more()]
    writeFileSync(
      join(folder, 'events.jsonl'),
      Buffer.concat([Buffer.from(whole), sealBlock(`${added.join('\n')}\n`, added.length, Number(last)).bytes]),
    )
  })
}

/** Zeros, or another chunk, `times` times, compressed. */
async function writeCompressed(path: string, chunk: Buffer, times: number): Promise<void> {
  const source = Readable.from(
    (function* () {
      for (let n = 0; n < times; n++) yield chunk
    })(),
  )
  const params = { [constants.ZSTD_c_compressionLevel]: 3 }
  await pipeline(source, createZstdCompress({ params }), createWriteStream(path))
}

const repeatLine = (count: number, line: (n: number) => unknown) =>
  function* () {
    for (let n = 0; n < count; n++) yield JSON.stringify(line(n))
  }
/** A summary of `count` requests, due within 100 ms. */
const createSummary = (n: number, count: number, bucket = 0): unknown => {
  const counted = [0, bucket, count]
  const groups = [['fresh', null, counted, null]]
  return ['summary', 0, n * 100_000, 100_000, 0, 0, 1, [0, count], 0, 99_999, counted, groups]
}
const createServed = (driver: number, seq: number): unknown => {
  const columns = [[seq], [5], [5], 200, [], []]
  return ['served', 5, 'pod', 'app', 'application', 0, driver, ...columns]
}
const health = { planned: 1e15, settled: 0, inFlight: 0, loopDelayMaxUs: 1e308, cpuShare: 1e308 }

const createClock = (n: number): object => ({ type: 'clock', t: n, driver: 0, offsetUs: n, errorUs: 1 })
const createDriverReport = (n: number): object => ({ type: 'driver', t: n, driver: 0, health })
const createEnd = (n: number): object => ({ type: 'end', t: 1, driver: 2 ** 40 + n, planned: 2 ** 50 })
const createStep = (name: string, t: number): object => ({ type: 'step', t, step: name, detail: null })

const damaged: readonly HostileInput[] = [
  createRunCase('log: another digit in a seal', 4, /undecided/, (folder) =>
    writeFileSync(join(folder, 'events.jsonl'), readRecordedLog().replaceAll(/(\["crc",\d+,)\d+\]/g, '$19999999999]')),
  ),
  createRunCase('log: a letter in a seal', 4, /undecided/, (folder) =>
    writeFileSync(join(folder, 'events.jsonl'), readRecordedLog().replace(/(\["crc",\d+,)\d/, '$1x')),
  ),
  createRunCase('log: 33 kB that unpack to 1 GB of zeros', 4, /undecided/, (folder) =>
    writeCompressed(join(folder, 'events.jsonl.zst'), Buffer.alloc(large), 1024),
  ),
  createRunCase('log: 1 GB of one line, unpacked', 4, /undecided/, (folder) =>
    writeCompressed(join(folder, 'events.jsonl.zst'), Buffer.alloc(large, '["request",0,'), 1024),
  ),
  createRunCase('log: 1 TiB without a seal', 4, /undecided/, (folder) => {
    writeFileSync(join(folder, 'events.jsonl'), '')
    truncateSync(join(folder, 'events.jsonl'), 2 ** 40)
  }),
  createRunCase('log: a seal without an end', 4, /undecided/, (folder) =>
    writeFileSync(join(folder, 'events.jsonl'), `["crc",${'1'.repeat(32 * large)}`),
  ),
  createRunCase('log: a line of 30 MiB without a seal', 4, /undecided/, (folder) =>
    writeFileSync(join(folder, 'events.jsonl'), `${'['.repeat(30 * large)}\n`),
  ),
  createRunCase('log: a named pipe', 4, /undecided/, (folder) => createPipe(join(folder, 'events.jsonl'))),
  createRunCase('log: a device without an end', 4, /undecided/, (folder) =>
    createDevice(join(folder, 'events.jsonl.zst')),
  ),
  createRunCase('log: a directory', 4, /undecided/, (folder) => mkdirSync(join(folder, 'events.jsonl'))),
  createRunCase('log: no zstd', 4, /undecided/, (folder) =>
    writeFileSync(join(folder, 'events.jsonl.zst'), 'x'.repeat(large)),
  ),
]

const sealedLogs: readonly HostileInput[] = [
  createLogCase('lists within lists', () => [`${'['.repeat(large)}${']'.repeat(large)}`]),
  createLogCase(
    'a billion requests in a summary',
    repeatLine(1, () => createSummary(0, 1e9)),
  ),
  createLogCase(
    'three hundred summaries of many requests',
    repeatLine(300, (n) => createSummary(n, 20_000)),
  ),
  createLogCase(
    'a latency of a bucket beyond all',
    repeatLine(1, () => createSummary(0, 1, 2 ** 50)),
  ),
  createLogCase(
    'numbers of requests without end',
    repeatLine(300, (n) => createServed(n, 2 ** 38 + n)),
    0,
    /naive/,
  ),
  createLogCase(
    'numbers far apart',
    repeatLine(300, (n) => createServed(0, n * 2 ** 25)),
    0,
    /naive/,
  ),
  createLogCase('many clocks', repeatLine(40_000, createClock), 0, /naive/),
  createLogCase('reports of impossible health', repeatLine(99, createDriverReport)),
  createLogCase('drivers without number', repeatLine(999, createEnd)),
  createLogCase('the end of time', () => [JSON.stringify(createStep('load-end', 2 ** 53 - 1))]),
  createLogCase('the beginning of time', () => [JSON.stringify(createStep('load-begin', 1 - 2 ** 53))]),
]

/** A comparison with this value at these keys of its file, or with this text in its place. */
function createComparisonCase(
  name: string,
  change: [keys: string, value: unknown] | string,
  says: RegExp,
): HostileInput {
  const prepare = (folder: string): Command => {
    const { schema, runId: _, round: __, seed, ...cell } = readRecordedPlan()
    const one = { dir: '1', runId: 'r', cell: 0, round: 1, seed: 1 }
    const file = { schema, id: 'c', rounds: 1, seed, mostRepeats: 0, cells: [cell], runs: [one], repeats: [] }
    if (typeof change !== 'string') setValue(file, change[0].split('.'), change[1])
    writeFileSync(join(folder, 'comparison.json'), typeof change === 'string' ? change : JSON.stringify(file))
    return () => reportCommand(folder, {})
  }
  return { name: `comparison: ${name}`, exitCode: 2, says, prepare }
}

const plans: readonly HostileInput[] = [
  createPlanCase('text for a capacity', 'capacity', 'x', /not the plan of a run[^]*capacity/),
  createPlanCase('a number for TLS', 'scenario.load.tls', 7, /not the plan of a run[^]*tls/),
  createPlanCase('a number for requests', 'scenario.load.requests', 7, /not the plan[^]*requests/),
  createPlanCase('text for reuse', 'scenario.load.reuse', 'x', /not the plan[^]*reuse/),
  createPlanCase('a billion drivers', 'drivers', 1e9, /not the plan[^]*drivers/),
  createPlanCase('a rate without end', 'scenario.load.ratePerSecond', 1e300, /not the plan[^]*ratePerSecond/),
  createPlanCase('nothing for its scenario', 'scenario', null, /not the plan[^]*scenario/),
  createRunCase('plan: lists within lists', 2, /nested more than 256 levels/, (folder) =>
    writeFileSync(join(folder, 'plan.json'), `{"scenario":${'['.repeat(large)}${']'.repeat(large)}}`),
  ),
  createRunCase('plan: half of it', 2, /plan\.json: it is not JSON/, (folder) =>
    truncateSync(join(folder, 'plan.json'), 500),
  ),
  createComparisonCase('a million runs', ['runs', Array(1e6).fill(1)], /not the plan of a comparison/),
  createComparisonCase('a run of no cell', ['runs.0.cell', 9], /a run is of a cell that is not listed/),
  createComparisonCase('a run elsewhere', ['runs.0.dir', '../../etc'], /must be a name, not a path/),
  createComparisonCase('text for TLS', ['cells.0.scenario.load.tls', 'x'], /not the plan of a comparison[^]*tls/),
  createComparisonCase('half of it', '{"schema":1,"runs":[{"dir"', /it is not JSON/),
  createComparisonCase('30 MiB', ' '.repeat(30 * large), /larger than 16 MiB/),
]

export const hostileLogs: readonly HostileInput[] = [...plans, ...damaged, ...sealedLogs]
