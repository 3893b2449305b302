/**
 * The cost of a long comparison on this machine: memory and descriptors of the harness, the embedded API and the load driver in every
 * round, which must not grow after the third. `node harness/setup/node24.cjs harness/proof/footprint/rounds.ts --help`.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Fault, exitCodes } from '../../base/fault.ts'
import { explainError, explainUncaughtErrors } from '../../terminal/explain.ts'
import { printLines, printJson, printNotice } from '../../terminal/print.ts'
import { alignColumns } from '../../terminal/text.ts'
import { killOnExit } from '../faults/stage-processes.ts'
import { isFlat, takeMedians, programs, measureFootprint } from './footprint.ts'
import type { Footprint } from './footprint.ts'

const usage = `usage: rounds.ts [--rounds N] [--json] [-- OPTIONS OF nodrop run]

  --rounds N   how often the comparison is repeated, of which the first three do not count (30)
  --json       print JSON instead of a table

Without further options: --config graceful. Ends with 1 when something grows after the third round.
`

const sampleMs = 250

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { rounds: { type: 'string', default: '30' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  })
  if (values.help) {
    printLines(usage.trimEnd())
    return exitCodes.ok
  }
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-rounds-'))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(exitCodes.interrupted))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const wanted = positionals.length > 0 ? positionals : ['--config', 'graceful']
  const rounds = await runRounds(directory, [
    '--cluster',
    'local',
    '--rounds',
    values.rounds,
    '--repeats',
    '0',
    ...wanted,
  ])
  const flat = isFlat(rounds)
  if (values.json) printJson({ rounds, flat })
  else printLines(...formatRounds(rounds, flat))
  return flat ? exitCodes.ok : exitCodes.gate
}

/** The values of each program in each round. */
async function runRounds(directory: string, options: readonly string[]): Promise<Footprint[]> {
  const program = join(import.meta.dirname, '../../nodrop.cjs')
  const child = killOnExit(
    spawn(process.execPath, [program, 'run', ...options, '--out', directory], {
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  )
  const samples: Footprint[][] = []
  while (child.exitCode === null && child.signalCode === null) {
    const round = countRounds(directory)
    if (round > 0) (samples[round - 1] ??= []).push(measureFootprint(child.pid ?? 0))
    await sleep(sampleMs)
  }
  if (samples.length === 0) throw new Fault('unknown', 'nodrop run began no round', 'It has said why.')
  return samples.map(takeMedians)
}

/** Every run makes its directory when it begins, with its plan, which contains the round. */
function countRounds(directory: string): number {
  const [comparison] = readdirSync(directory)
  if (comparison === undefined) return 0
  const plans = readdirSync(join(directory, comparison))
    .map((run) => join(directory, comparison, run, 'plan.json'))
    .filter((file) => existsSync(file))
  return plans.reduce((most, file) => Math.max(most, readRound(file)), 0)
}

/** 0 for a file that is being written. */
function readRound(file: string): number {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { round: number }).round
  } catch {
    return 0
  }
}

function formatRounds(rounds: readonly Footprint[], flat: boolean): string[] {
  const head = ['round', ...programs.flatMap((program) => [`${program} MB`, 'descriptors'])]
  const rows = rounds.map((round, index) => [
    String(index + 1),
    ...programs.flatMap((program) => [
      String(Math.round(round[program].bytes / 1e6)),
      String(round[program].descriptors),
    ]),
  ])
  const right = head.map((_, index) => index)
  return [...alignColumns([head, ...rows], right), `${flat ? 'flat' : 'NOT FLAT'} after the third round`]
}

explainUncaughtErrors('rounds: ')
try {
  process.exitCode = await main()
} catch (error) {
  const { text, exitCode } = explainError(error)
  printNotice(`rounds: ${text}`)
  process.exitCode = exitCode
}
