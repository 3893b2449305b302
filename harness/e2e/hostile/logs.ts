/** Hostile directories of runs: plans, comparisons, event logs. */
import { copyFileSync, createWriteStream, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, createZstdCompress, zstdDecompressSync } from 'node:zlib'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { reportCommand } from '../../cli/report.ts'
import { sealed } from '../../log/block.ts'
import { recordedDir } from '../../testing/recorded-runs.ts'
import { deviceAt, large, pipeAt } from './files.ts'
import type { Command, HostileInput } from './input.ts'

const recorded = recordedDir('rollout-naive-local')
const plainLog = (): string => zstdDecompressSync(readFileSync(join(recorded, 'events.jsonl.zst'))).toString()
const plan = (): Record<string, unknown> =>
  JSON.parse(readFileSync(join(recorded, 'plan.json'), 'utf8')) as Record<string, unknown>

/** `nodrop report` of a run's directory that `make` has changed. */
function run(name: string, exitCode: number, says: RegExp, make: (folder: string) => unknown): HostileInput {
  const play = async (folder: string): Promise<Command> => {
    copyFileSync(join(recorded, 'plan.json'), join(folder, 'plan.json'))
    await make(folder)
    return () => reportCommand(folder, {})
  }
  return { name, exitCode, says, play }
}

/** With this value at these keys of its plan. */
function planned(name: string, keys: string, value: unknown, says: RegExp): HostileInput {
  return run(`plan: ${name}`, 2, says, (folder) => {
    const changed = plan()
    put(changed, keys.split('.'), value)
    writeFileSync(join(folder, 'plan.json'), JSON.stringify(changed))
  })
}

function put(object: object, [key = '', ...keys]: readonly string[], value: unknown): void {
  const fields = object as Record<string, unknown>
  if (keys.length === 0) fields[key] = value
  else put(fields[key] as object, keys, value)
}

/** With these lines behind those of the recorded run, under seals that are right. */
function lines(name: string, more: () => Iterable<string>, exitCode = 4, says = /unknown/): HostileInput {
  return run(`log: ${name}`, exitCode, says, (folder) => {
    const whole = plainLog()
    const [, lines, last] = /\["crc",(\d+),(\d+)\]\n$/.exec(whole) ?? []
    if (lines === undefined) throw new Error('Cannot play: the recorded log has no seal')
    const added = [...more()]
    writeFileSync(
      join(folder, 'events.jsonl'),
      Buffer.concat([Buffer.from(whole), sealed(`${added.join('\n')}\n`, added.length, Number(last)).bytes]),
    )
  })
}

/** Zeros, or whatever a chunk is, `times` times, compressed. */
async function packed(path: string, chunk: Buffer, times: number): Promise<void> {
  const source = Readable.from(
    (function* () {
      for (let n = 0; n < times; n++) yield chunk
    })(),
  )
  const params = { [constants.ZSTD_c_compressionLevel]: 3 }
  await pipeline(source, createZstdCompress({ params }), createWriteStream(path))
}

const repeated = (count: number, line: (n: number) => unknown) =>
  function* () {
    for (let n = 0; n < count; n++) yield JSON.stringify(line(n))
  }
/** Of `count` requests, due in 100 ms. */
const summary = (n: number, count: number, bucket = 0): unknown => {
  const counted = [0, bucket, count]
  const groups = [['fresh', null, counted, null]]
  return ['summary', 0, n * 100_000, 100_000, 0, 0, 1, [0, count], 0, 99_999, counted, groups]
}
const served = (driver: number, seq: number): unknown => {
  const columns = [[seq], [5], [5], 200, [], []]
  return ['served', 5, 'pod', 'app', 'application', 0, driver, ...columns]
}
const health = { planned: 1e15, settled: 0, inFlight: 0, loopDelayMaxUs: 1e308, cpuShare: 1e308 }

const clock = (n: number): object => ({ type: 'clock', t: n, driver: 0, offsetUs: n, errorUs: 1 })
const report = (n: number): object => ({ type: 'driver', t: n, driver: 0, health })
const end = (n: number): object => ({ type: 'end', t: 1, driver: 2 ** 40 + n, planned: 2 ** 50 })
const step = (name: string, t: number): object => ({ type: 'step', t, step: name, detail: null })

const damaged: readonly HostileInput[] = [
  run('log: another digit in a seal', 4, /unknown/, (folder) =>
    writeFileSync(join(folder, 'events.jsonl'), plainLog().replaceAll(/(\["crc",\d+,)\d+\]/g, '$19999999999]')),
  ),
  run('log: a letter in a seal', 4, /unknown/, (folder) =>
    writeFileSync(join(folder, 'events.jsonl'), plainLog().replace(/(\["crc",\d+,)\d/, '$1x')),
  ),
  run('log: 33 kB that unpack to 1 GB of zeros', 4, /unknown/, (folder) =>
    packed(join(folder, 'events.jsonl.zst'), Buffer.alloc(large), 1024),
  ),
  run('log: 1 GB of one line, unpacked', 4, /unknown/, (folder) =>
    packed(join(folder, 'events.jsonl.zst'), Buffer.alloc(large, '["request",0,'), 1024),
  ),
  run('log: 1 TiB without a seal', 4, /unknown/, (folder) => {
    writeFileSync(join(folder, 'events.jsonl'), '')
    truncateSync(join(folder, 'events.jsonl'), 2 ** 40)
  }),
  run('log: a seal without an end', 4, /unknown/, (folder) =>
    writeFileSync(join(folder, 'events.jsonl'), `["crc",${'1'.repeat(32 * large)}`),
  ),
  run('log: a line of 30 MiB without a seal', 4, /unknown/, (folder) =>
    writeFileSync(join(folder, 'events.jsonl'), `${'['.repeat(30 * large)}\n`),
  ),
  run('log: a named pipe', 4, /unknown/, (folder) => pipeAt(join(folder, 'events.jsonl'))),
  run('log: a device without an end', 4, /unknown/, (folder) => deviceAt(join(folder, 'events.jsonl.zst'))),
  run('log: a directory', 4, /unknown/, (folder) => mkdirSync(join(folder, 'events.jsonl'))),
  run('log: no zstd', 4, /unknown/, (folder) => writeFileSync(join(folder, 'events.jsonl.zst'), 'x'.repeat(large))),
]

const sealedLogs: readonly HostileInput[] = [
  lines('lists within lists', () => [`${'['.repeat(large)}${']'.repeat(large)}`]),
  lines(
    'a billion requests in a summary',
    repeated(1, () => summary(0, 1e9)),
  ),
  lines(
    'three hundred summaries of many requests',
    repeated(300, (n) => summary(n, 20_000)),
  ),
  lines(
    'a latency of a bucket beyond all',
    repeated(1, () => summary(0, 1, 2 ** 50)),
  ),
  lines(
    'numbers of requests without end',
    repeated(300, (n) => served(n, 2 ** 38 + n)),
    0,
    /naive/,
  ),
  lines(
    'numbers far apart',
    repeated(300, (n) => served(0, n * 2 ** 25)),
    0,
    /naive/,
  ),
  lines('many clocks', repeated(40_000, clock), 0, /naive/),
  lines('reports of impossible health', repeated(99, report)),
  lines('drivers without number', repeated(999, end)),
  lines('the end of time', () => [JSON.stringify(step('load-end', 2 ** 53 - 1))]),
  lines('the beginning of time', () => [JSON.stringify(step('load-begin', 1 - 2 ** 53))]),
]

/** A comparison with this value at these keys of its file, or with this text for it. */
function comparison(name: string, change: [keys: string, value: unknown] | string, says: RegExp): HostileInput {
  const play = (folder: string): Command => {
    const { schema, runId: _, round: __, seed, ...cell } = plan()
    const one = { dir: '1', runId: 'r', cell: 0, round: 1, seed: 1 }
    const file = { schema, id: 'c', rounds: 1, seed, mostRepeats: 0, cells: [cell], runs: [one], repeats: [] }
    if (typeof change !== 'string') put(file, change[0].split('.'), change[1])
    writeFileSync(join(folder, 'comparison.json'), typeof change === 'string' ? change : JSON.stringify(file))
    return () => reportCommand(folder, {})
  }
  return { name: `comparison: ${name}`, exitCode: 2, says, play }
}

const plans: readonly HostileInput[] = [
  planned('text for a capacity', 'capacity', 'x', /no plan of a run[^]*capacity/),
  planned('a number for TLS', 'scenario.load.tls', 7, /no plan of a run[^]*tls/),
  planned('a number for requests', 'scenario.load.requests', 7, /no plan[^]*requests/),
  planned('text for reuse', 'scenario.load.reuse', 'x', /no plan[^]*reuse/),
  planned('a billion drivers', 'drivers', 1e9, /no plan[^]*drivers/),
  planned('a rate without end', 'scenario.load.ratePerSecond', 1e300, /no plan[^]*ratePerSecond/),
  planned('nothing for its scenario', 'scenario', null, /no plan[^]*scenario/),
  run('plan: lists within lists', 2, /nested more than 256 levels/, (folder) =>
    writeFileSync(join(folder, 'plan.json'), `{"scenario":${'['.repeat(large)}${']'.repeat(large)}}`),
  ),
  run('plan: half of it', 2, /plan\.json: it is not JSON/, (folder) => truncateSync(join(folder, 'plan.json'), 500)),
  comparison('a million runs', ['runs', Array(1e6).fill(1)], /no plan of a comparison/),
  comparison('a run of no cell', ['runs.0.cell', 9], /a run is of a cell that is not listed/),
  comparison('a run elsewhere', ['runs.0.dir', '../../etc'], /must be a name, not a path/),
  comparison('text for TLS', ['cells.0.scenario.load.tls', 'x'], /no plan of a comparison[^]*tls/),
  comparison('half of it', '{"schema":1,"runs":[{"dir"', /it is not JSON/),
  comparison('30 MiB', ' '.repeat(30 * large), /larger than 16 MiB/),
]

export const hostileLogs: readonly HostileInput[] = [...plans, ...damaged, ...sealedLogs]
