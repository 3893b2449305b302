/** `nodrop verify`: lets anyone see for themselves that every request is accounted for, once and in the right class. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Fault, exitCodes } from '../fault.ts'
import { grouped, milliseconds } from '../terminal/table.ts'
import { columns, paint } from '../terminal/text.ts'
import { toolText } from './tool-text.ts'
import type { StageResult } from '../verify/compare.ts'
import type { Fuzz } from '../verify/fuzz.ts'
import { cells } from '../verify/tally.ts'
import { tryTools } from '../verify/tool-trial.ts'
import type { Neighbours } from '../verify/neighbour.ts'
import { freezeTolerance } from '../verify/freeze-stage.ts'
import { verify } from '../verify/verify.ts'
import type { Verification } from '../verify/verify.ts'

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
  const onInterrupt = (): void => interrupt.abort(new Fault('interrupted', 'Interrupted: nothing was verified'))
  process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt)
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
      say: (line) => process.stderr.write(`verify: ${line}\n`),
    })
    const tools = options.tools ? await tryTools() : []
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ...jsonOf(verification, seed), ...(options.tools && { tools }) }, null, 2)}\n`
        : textOf(verification, seed) + toolText(tools),
    )
    return exitCodeOf(verification)
  } catch (error) {
    interrupt.signal.throwIfAborted()
    throw error
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt)
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

const stagesOf = ({ mix, cuts, overload, freeze }: Verification): StageResult[] =>
  freeze ? [mix, cuts, overload, freeze] : [mix, cuts, overload]

const total = (verification: Verification, name: 'accountingError' | 'misclassified' | 'duplicates'): number =>
  stagesOf(verification).reduce((sum, stage) => sum + stage[name], 0)

/** Law 6: a driver that could not send in time has measured nothing, so that a freeze proves nothing either way. */
const lagLimitUs = 5000

function exitCodeOf(verification: Verification): number {
  const wrong = (['accountingError', 'misclassified', 'duplicates'] as const).some(
    (name) => total(verification, name) > 0,
  )
  const { freeze, fuzz, neighbours } = verification
  if (wrong || (fuzz && wrongIn(fuzz) > 0)) return exitCodes.gate
  if (neighbours && neighbours.beside.overloaded < neighbours.beside.loads) return exitCodes.gate
  if (freeze === null || freeze.off <= freezeTolerance) return exitCodes.ok
  return freeze.lag.p99Us > lagLimitUs ? exitCodes.unknown : exitCodes.gate
}

/** Crashes, hangs, unaccounted requests and invented successes. */
function wrongIn({ inventedOk, unequal, crashes, sockets }: Fuzz): number {
  const { accountingError, duplicates, hung } = sockets
  return inventedOk + unequal + crashes + sockets.inventedOk + accountingError + duplicates + hung
}

function jsonOf(verification: Verification, seed: number): Record<string, unknown> {
  const { mix, cuts, overload, freeze, fuzz, neighbours } = verification
  return {
    requests: mix.planned,
    seed,
    accountingError: total(verification, 'accountingError'),
    misclassified: total(verification, 'misclassified'),
    duplicates: total(verification, 'duplicates'),
    inventedOk: stagesOf(verification).reduce((sum, stage) => sum + inventedOk(stage), 0),
    lagP50Us: mix.lag.p50Us,
    lagP99Us: mix.lag.p99Us,
    lagMaxUs: mix.lag.maxUs,
    kinds: mix.rows.map(({ kind, right, injected, cells, counted, wrong }) => {
      return { kind, right, injected, cells, counted, wrong }
    }),
    stages: { mix: sumsOf(mix), cuts: sumsOf(cuts), overload: sumsOf(overload), freeze: freeze && sumsOf(freeze) },
    freeze: freeze && {
      frozenMs: freeze.frozenUs / 1000,
      serviceUs: Math.round(freeze.serviceUs),
      p99Us: { measured: freeze.measured.p99Us, expected: Math.round(freeze.expected.p99Us) },
      overOneSecond: {
        measured: freeze.measured.overOneSecond,
        expected: Math.round(freeze.expected.overOneSecond),
      },
      off: Number(freeze.off.toFixed(4)),
    },
    fuzz,
    neighbours,
  }
}

function sumsOf(stage: StageResult): unknown {
  const { planned, sent, notSent, ok, lost, tooLate, accountingError, misclassified, duplicates } = stage
  return { planned, sent, notSent, ok, lost, tooLate, accountingError, misclassified, duplicates }
}

function inventedOk({ rows }: StageResult): number {
  return rows.reduce((sum, { right, counted }) => sum + (right.includes('ok') ? 0 : (counted.ok ?? 0)), 0)
}

function textOf(verification: Verification, seed: number): string {
  const { mix, cuts, overload, freeze, fuzz, neighbours } = verification
  const rows = mix.rows.map(({ kind, right, injected, cells: met, counted, wrong }) => {
    const right_ = right.filter((outcome) => right.length === 1 || counted[outcome]).join(', ')
    return [kind, right_, grouped(injected), ...cells.map((cell) => grouped(met[cell])), grouped(wrong)]
  })
  const header = ['what the server did', 'and the driver ought to say', 'requests', ...cells, 'said wrongly']
  const [head = '', ...body] = columns([header, ...rows], [2, 3, 4, 5, 6, 7])
  const lines = [
    paint('bold', head, process.stdout),
    ...body.map((line, index) => (mix.rows[index]?.wrong ? paint('red', line, process.stdout) : line)),
    '',
    `seed ${seed}; send lag p50 ${milliseconds(mix.lag.p50Us)}, p99 ${milliseconds(mix.lag.p99Us)}, max ${milliseconds(mix.lag.maxUs)}`,
    `faults mixed:   ${sentence(mix)}`,
    `cut answers:    ${sentence(cuts)}; ${grouped(inventedOk(cuts))} cut answers passed as whole`,
    `overload:       ${sentence(overload)}`,
    ...(freeze ? [`frozen server:  ${sentence(freeze)}`, `                ${frozenSentence(freeze)}`] : []),
    ...(fuzz ? [`mutated answers: ${fuzzSentence(fuzz)}`] : []),
    ...(neighbours ? [`busy neighbour: ${neighbourSentence(neighbours)}`] : []),
    '',
    ...[...stagesOf(verification), ...(fuzz ? [fuzz, fuzz.sockets] : [])]
      .flatMap(({ examples }) => examples)
      .map((example) => `wrong: ${example}`),
    `accounting error ${total(verification, 'accountingError')}, in the wrong class ${total(verification, 'misclassified')}, duplicates ${total(verification, 'duplicates')}`,
  ]
  return `${lines.join('\n')}\n`
}

function sentence(stage: StageResult): string {
  const { planned, notSent, sent, ok, lost, tooLate, accountingError, misclassified, duplicates } = stage
  const wrong = accountingError + misclassified + duplicates
  const sums = `${grouped(planned)} planned = ${grouped(notSent)} not sent + ${grouped(ok)} ok + ${grouped(lost)} lost`
  const balanced = planned === notSent + sent && sent === ok + lost
  const busy = tooLate > 0 ? `; ${grouped(tooLate)} were lost to a server that the machine kept from answering` : ''
  return `${sums}${balanced ? '' : ', which does not balance'}; ${wrong === 0 ? 'every one as the server saw it' : `${grouped(wrong)} wrong`}${busy}`
}

function frozenSentence({ frozenUs, measured, expected, off }: NonNullable<Verification['freeze']>): string {
  return (
    `still for ${milliseconds(frozenUs)}: p99 ${milliseconds(measured.p99Us)} (it must be ${milliseconds(expected.p99Us)}), over 1 s ` +
    `${grouped(measured.overOneSecond)} (${grouped(Math.round(expected.overOneSecond))}): ${(100 * off).toFixed(1)} % off`
  )
}

function fuzzSentence(fuzz: Fuzz): string {
  const { read, ok, sockets } = fuzz
  const wrong = wrongIn(fuzz)
  return (
    `${grouped(read)} read, ${grouped(ok)} of them still whole; ${grouped(sockets.planned)} over sockets: ` +
    (wrong === 0 ? 'no crash, no hang, none unaccounted for, no broken one passed as ok' : `${grouped(wrong)} wrong`)
  )
}

/** Without a neighbour it is for the reader to say whether the machine was idle. */
function neighbourSentence({ beside, without }: Neighbours): string {
  const told = ({ overloaded, loads }: Neighbours['beside']): string => `${overloaded} of ${loads}`
  return `a driver that shares its core was told as overloaded ${told(beside)} times, one that has it to itself ${told(without)} times`
}
