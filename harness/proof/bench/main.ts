/** `npm run bench`: the cost of a request for nodrop's driver and other clients on this machine. Results never make it fail. */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { holdCpuLatency } from '../../load/machine/cpu-latency.ts'
import { Fault, exitCodes } from '../../base/fault.ts'
import { explainUncaughtErrors } from '../../terminal/explain.ts'
import { printLines, printJson, printNotice } from '../../terminal/print.ts'
import { runBench } from './bench.ts'
import { chooseCores } from './cores.ts'
import { formatBench } from './table.ts'
import { listTargets } from './targets.ts'

const usage = `usage: npm run bench -- [--seconds N] [--turns N] [--requests N] [--aggregated N] [--clients wrk,autocannon] [--json]

  --seconds N    how long a client is measured each time, after a second of warming up (2)
  --turns N      how many times each client has its turn; what is in the middle counts (3)
  --requests N   records of the event log's trial (1000000)
  --aggregated N of those where all but a tenth are aggregated, and then of five times as many (1000000)
  --clients A,B  only these beside nodrop: wrk, bare sockets, undici, autocannon, hey, vegeta, k6
  --json         print JSON instead of tables
`

async function main(): Promise<number> {
  const options = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      seconds: options,
      turns: options,
      requests: options,
      aggregated: options,
      clients: options,
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    printLines(usage.trimEnd())
    return exitCodes.ok
  }
  const windowMs = 1000 * parsePositive(values.seconds ?? '2', 'seconds')
  const turns = Math.ceil(parsePositive(values.turns ?? '3', 'turns'))
  const requests = Math.ceil(parsePositive(values.requests ?? '1000000', 'requests'))
  const aggregated = Math.ceil(parsePositive(values.aggregated ?? '1000000', 'aggregated'))
  const cores = chooseCores()
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-bench-'))
  process
    .once('SIGINT', () => process.exit(exitCodes.interrupted))
    .once('SIGTERM', () => process.exit(exitCodes.interrupted))
    .once('SIGHUP', () => process.exit(exitCodes.interrupted))
    .once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const only = values.clients?.split(',') ?? null
  const onProgress = (line: string): void => printNotice(`bench: ${line}`)
  using awake = holdCpuLatency()
  const result = await runBench({
    cores,
    directory,
    windowMs,
    turns,
    requests,
    aggregated,
    only,
    onProgress: onProgress,
  })
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    coresAwake: awake.held,
  }
  if (values.json) printJson({ machine, pinned: cores, ...result, targets: listTargets(result) })
  else {
    const awakeSays = machine.coresAwake ? ' kept awake' : ''
    const where = `client on core ${cores.client}, server and harness on core ${cores.server}`
    const title = `${machine.cpu}, ${machine.cores} cores${awakeSays}, Linux ${machine.kernel}, Node ${machine.node}; ${where}`
    printLines(...formatBench(result, title))
  }
  return exitCodes.ok
}

function parsePositive(text: string, name: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1e9) return value
  throw new Fault('usage', `Cannot use --${name} ${text}: it must be a number above 0`)
}

explainUncaughtErrors('bench: ')
try {
  process.exitCode = await main()
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  if (!(error instanceof Fault) && !isUsage) throw error
  printNotice(`bench: ${error.message}`, error instanceof Fault ? error.advice : usage)
  process.exitCode = error instanceof Fault ? error.exitCode : exitCodes.usage
}
