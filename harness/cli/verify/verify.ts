/** `nodrop verify`: lets anyone check that every request is accounted for, once and in the right class. */
import { mkdirSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { holdCpuLatency } from '../../load/machine/cpu-latency.ts'
import { makeTemporaryDirectory } from '../../base/files/durable-file.ts'
import { describeSystemError, Fault, exitCodes } from '../../base/fault.ts'
import { freezeTolerance } from '../../proof/faults/freeze-stage.ts'
import { tryTools } from '../../proof/verify/tool-trial.ts'
import { sumStages, countFuzzErrors } from '../../proof/verify/totals.ts'
import { runVerification } from '../../proof/verify/verify.ts'
import type { Verification } from '../../proof/verify/verify.ts'
import { printLines, printJson, printNotice } from '../../terminal/print.ts'
import { formatToolTrials } from './tool-text.ts'
import { parseFreezeSeconds, parseNonNegativeInteger, parsePositiveInteger, parsePositiveNumber } from '../options.ts'
import { toVerificationJson } from './verification-json.ts'
import { formatVerification } from './verification-text.ts'

interface VerifyOptions {
  requests: number
  rate: number
  seed: number
  freeze: number
  fuzz: number
  neighbour: number
  tools?: boolean
  out?: string
  json?: boolean
}

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('prove the accounting on this machine: every fault at random, against a server that knows the truth')
    .option('--requests <n>', 'requests that meet the mixture of faults', parsePositiveInteger, 40_000)
    .option('--rate <n>', 'requests per second', parsePositiveNumber, 2000)
    .option('--seed <n>', 'seed of the faults and of the load', parsePositiveInteger, 1)
    .option('--freeze <seconds>', 'how long a frozen server stands still; 0 leaves it out', parseFreezeSeconds, 5)
    .option(
      '--fuzz <n>',
      'mutated answers to read, one in 50 over sockets too; 0 leaves it out',
      parseNonNegativeInteger,
      100_000,
    )
    .option(
      '--neighbour <n>',
      "loads beside a busy neighbour on the driver's core, and twice as many without",
      parseNonNegativeInteger,
      0,
    )
    .option('--tools', 'show beside it what wrk, hey, vegeta, k6 (where installed) and autocannon say of such a server')
    .option('--out <dir>', 'keep the logs of both sides in this new directory')
    .option('--json', 'print JSON')
    .action(async (options: VerifyOptions) => {
      process.exitCode = await verifyCommand(options)
    })
}

async function verifyCommand(options: VerifyOptions): Promise<number> {
  const { requests, rate, seed, freeze, fuzz, neighbour, out } = options
  const directory = out === undefined ? makeTemporaryDirectory('nodrop-verify-') : createEmptyDirectory(out)
  const interrupt = new AbortController()
  using _awake = holdCpuLatency()
  const onInterrupt = (): void => interrupt.abort(new Fault('interrupted', 'Interrupted: nothing was verified'))
  process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt).on('SIGHUP', onInterrupt)
  try {
    const verification = await runVerification({
      requests,
      ratePerSecond: rate,
      seed,
      directory,
      freezeMs: freeze * 1000,
      mutants: fuzz,
      neighbours: neighbour,
      signal: interrupt.signal,
      onProgress: (line) => printNotice(`verify: ${line}`),
    })
    const tools = options.tools ? await tryTools() : []
    if (options.json) printJson({ ...toVerificationJson(verification, seed), ...(options.tools && { tools }) })
    else printLines(...formatVerification(verification, seed), ...formatToolTrials(tools))
    return computeExitCode(verification)
  } catch (error) {
    interrupt.signal.throwIfAborted()
    throw error
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt).off('SIGHUP', onInterrupt)
    if (out === undefined) rmSync(directory, { recursive: true, force: true })
  }
}

function createEmptyDirectory(out: string): string {
  const directory = resolve(out)
  try {
    mkdirSync(directory, { recursive: false })
  } catch (error) {
    const what = `Cannot create ${directory} for the logs of both sides: ${describeSystemError(error)}`
    throw new Fault('usage', what, 'Name a new directory, in one that is there.', { cause: error })
  }
  return directory
}

/** Law 6: a driver that could not send in time has measured nothing, so the frozen server proves nothing either way. */
const lagLimitUs = 5000

export function computeExitCode(verification: Verification): number {
  const wrong = (['accountingError', 'misclassified', 'duplicates'] as const).some(
    (name) => sumStages(verification, name) > 0,
  )
  const { freeze, fuzz, neighbours } = verification
  if (wrong || (fuzz && countFuzzErrors(fuzz) > 0)) return exitCodes.gate
  if (neighbours && neighbours.beside.overloaded < neighbours.beside.loads) return exitCodes.gate
  if (freeze === null || freeze.off <= freezeTolerance) return exitCodes.ok
  return freeze.lag.p99Us > lagLimitUs ? exitCodes.unknown : exitCodes.gate
}
