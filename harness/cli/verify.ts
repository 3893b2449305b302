/** `nodrop verify`: lets anyone see for themselves that every request is accounted for, once and in the right class. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { keepAwake } from '../load/machine/cpu-latency.ts'
import { Fault, exitCodes } from '../base/fault.ts'
import { freezeTolerance } from '../proof/faults/freeze-stage.ts'
import { tryTools } from '../proof/verify/tool-trial.ts'
import { totalOf, wrongIn } from '../proof/verify/totals.ts'
import { verify } from '../proof/verify/verify.ts'
import type { Verification } from '../proof/verify/verify.ts'
import { print, printJson, tell } from '../terminal/print.ts'
import { toolLines } from './tool-text.ts'
import { jsonOf } from './verify-json.ts'
import { linesOf } from './verify-text.ts'

export interface VerifyCommandOptions {
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

export async function verifyCommand(options: VerifyCommandOptions): Promise<number> {
  const { requests, rate, seed, freeze, fuzz, neighbour, out } = options
  const directory = out === undefined ? mkdtempSync(join(tmpdir(), 'nodrop-verify-')) : emptyDirectory(out)
  const interrupt = new AbortController()
  using _awake = keepAwake()
  const onInterrupt = (): void => interrupt.abort(new Fault('interrupted', 'Interrupted: nothing was verified'))
  process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt).on('SIGHUP', onInterrupt)
  try {
    const verification = await verify({
      requests,
      ratePerSecond: rate,
      seed,
      directory,
      freezeMs: freeze * 1000,
      mutants: fuzz,
      neighbours: neighbour,
      signal: interrupt.signal,
      say: (line) => tell(`verify: ${line}`),
    })
    const tools = options.tools ? await tryTools() : []
    if (options.json) printJson({ ...jsonOf(verification, seed), ...(options.tools && { tools }) })
    else print(...linesOf(verification, seed), ...toolLines(tools))
    return exitCodeOf(verification)
  } catch (error) {
    interrupt.signal.throwIfAborted()
    throw error
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt).off('SIGHUP', onInterrupt)
    if (out === undefined) rmSync(directory, { recursive: true, force: true })
  }
}

function emptyDirectory(out: string): string {
  const directory = resolve(out)
  try {
    mkdirSync(directory, { recursive: false })
  } catch (error) {
    throw new Fault('usage', `Cannot create ${directory} for the logs of both sides`, 'Name a new directory.', {
      cause: error,
    })
  }
  return directory
}

/** Law 6: a driver that could not send in time has measured nothing, so that a freeze proves nothing either way. */
const lagLimitUs = 5000

function exitCodeOf(verification: Verification): number {
  const wrong = (['accountingError', 'misclassified', 'duplicates'] as const).some(
    (name) => totalOf(verification, name) > 0,
  )
  const { freeze, fuzz, neighbours } = verification
  if (wrong || (fuzz && wrongIn(fuzz) > 0)) return exitCodes.gate
  if (neighbours && neighbours.beside.overloaded < neighbours.beside.loads) return exitCodes.gate
  if (freeze === null || freeze.off <= freezeTolerance) return exitCodes.ok
  return freeze.lag.p99Us > lagLimitUs ? exitCodes.unknown : exitCodes.gate
}
