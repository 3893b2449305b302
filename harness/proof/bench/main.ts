/** `npm run bench`: the cost of a request for nodrop's driver and other clients on this machine. Results never make it fail. */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { holdCpuLatency } from '../../load/machine/cpu-latency.ts'
import { Fault, exitCodes } from '../../base/fault.ts'
import { explainUncaughtErrors } from '../../terminal/explain.ts'
import { printLines, printJson, printNotice } from '../../terminal/print.ts'
import { runBench } from './bench.ts'
import { chooseCores } from './cores.ts'
import { readToolOptions } from '../../terminal/npm/tool-options.ts'
import { formatBench } from './table.ts'
import { listTargets } from './targets.ts'

const { values } = readToolOptions({
  name: 'bench',
  does: 'says what a request costs the driver of nodrop and other clients, side by side on this machine',
  options: {
    seconds: {
      type: 'string',
      default: '2',
      value: 'N',
      help: 'how long a client is measured each time, after a second of warming up',
    },
    turns: { type: 'string', default: '3', value: 'N', help: 'turns of each client; what is in the middle counts' },
    requests: { type: 'string', default: '1000000', value: 'N', help: 'records of the event log’s trial' },
    aggregated: {
      type: 'string',
      default: '1000000',
      value: 'N',
      help: 'records of those where all but a tenth are aggregated, and then of five times as many',
    },
    clients: {
      type: 'string',
      value: 'LIST',
      help: 'only these beside nodrop: wrk, bare sockets, undici, autocannon, hey, vegeta, k6',
    },
    json: { type: 'boolean', help: 'print JSON instead of tables' },
  },
})

async function main(): Promise<number> {
  const windowMs = 1000 * parsePositive(values.seconds, 'seconds')
  const turns = Math.ceil(parsePositive(values.turns, 'turns'))
  const requests = Math.ceil(parsePositive(values.requests, 'requests'))
  const aggregated = Math.ceil(parsePositive(values.aggregated, 'aggregated'))
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
  if (!(error instanceof Fault)) throw error
  printNotice(`bench: ${error.message}`, error.advice)
  process.exitCode = error.exitCode
}
