/** The rounds of a configuration: which of them count, and their common result. */
import type { RoundResult, RowResult } from '../../model/comparison.ts'
import type { Expectation, RunPlan } from '../../model/plan.ts'
import type { Analysis } from '../../model/result.ts'
import { findUnmetClaims, isHypothesisMet } from './reach-verdict.ts'
import { formatCount, formatPlural } from '../../base/figures.ts'

export interface RunOfRound {
  plan: RunPlan
  analysis: Analysis
}

/** A round with its runs: the first one and its repetitions. */
export interface Round {
  runs: RunOfRound[]
  /** The run that counts. */
  run: RunOfRound
  result: RoundResult
}

/** In the order of their numbers. Two runs of the same number that both claim to be the first are two rounds. */
export function groupRounds(runs: readonly RunOfRound[]): Round[] {
  const rounds: RunOfRound[][] = []
  for (const run of runs.toSorted((a, b) => a.plan.round - b.plan.round || getAttempt(a) - getAttempt(b))) {
    const last = rounds.at(-1)
    if (getAttempt(run) > 1 && last?.[0]?.plan.round === run.plan.round) last.push(run)
    else rounds.push([run])
  }
  return rounds.map(buildRound)
}

export function getAttempt({ plan }: Pick<RunOfRound, 'plan'>): number {
  return plan.attempt ?? 1
}

/** It was completed, but nothing can be concluded from it. */
export function isUndecided({ analysis }: Pick<RunOfRound, 'analysis'>): boolean {
  return analysis.verdict === 'unknown' && analysis.ending === 'complete'
}

/** Facts that no busy machine explains: a server that saw a request twice, or a loss long after the disruption. */
function isContradicted({ analysis }: RunOfRound): boolean {
  return findUnmetClaims(analysis.claims, analysis.ledger.lost).some(({ disturbance }) => !disturbance)
}

function buildRound(runs: RunOfRound[]): Round {
  const run =
    runs.find(({ analysis }) => analysis.verdict === 'failed') ??
    runs.find(({ analysis }) => analysis.verdict === 'passed') ??
    runs.findLast(isUndecided) ??
    runs.at(-1)!
  const { verdict, because, runId, ledger } = run.analysis
  const common = {
    round: run.plan.round,
    runIds: runs.map(({ analysis }) => analysis.runId),
    runId,
    sent: ledger.sent,
    lost: ledger.lost,
    ...pickLatency(run.analysis),
  }
  if (verdict !== 'unknown') return { runs, run, result: { ...common, state: 'judged', verdict } }
  const state = !isUndecided(run) ? 'missing' : isContradicted(run) ? 'contradicted' : 'left-out'
  return { runs, run, result: { ...common, state, because: because[0] ?? 'nothing was measured' } }
}

function pickLatency({ latency: { p50Us, p99Us }, voided }: Analysis): Pick<RoundResult, 'latency'> {
  return p50Us === null || p99Us === null || voided.includes('how-late') ? {} : { latency: { p50Us, p99Us } }
}

/** How many of the planned rounds must be judged before “none lost” is a result. */
export function computeNeededRounds(planned: number): number {
  return Math.min(planned, Math.max(3, Math.ceil(planned / 2)))
}

/** The result of a configuration's rounds before gates; without an expectation the gates alone decide whether it held. */
export function computeRowResult(rounds: readonly Round[], expects: Expectation | undefined): RowResult {
  const judged = rounds.map(({ result }) => result).filter(({ state }) => state === 'judged')
  const missing = rounds.filter(({ run }) => run.analysis.ending !== 'complete').length
  const failed = rounds.some(({ result }) => hasFailed(result))
  const [only] = rounds.length === 1 ? rounds : []
  const says = (reasons: () => string[]): string[] => only?.run.analysis.because ?? reasons()
  const doubts = failed ? [] : listRoundDoubts(rounds)
  if (doubts.length > 0) return { verdict: 'unknown', held: null, missing, because: says(() => doubts) }
  const atLeast = rounds.some(({ run }) => isLowerBound(run.analysis))
  const because = says(() => [formatLosses(judged, atLeast)])
  // A configuration that loses in some rounds loses requests; one that loses none must do so in every round.
  const verdict = failed ? 'failed' : 'passed'
  return { verdict, held: expects === undefined ? null : isHypothesisMet(expects, verdict), missing, because }
}

/** Why the judged rounds do not represent all planned ones; empty if they do. */
export function listRoundDoubts(rounds: readonly Round[]): string[] {
  const lacking = [...collectReasons(rounds, 'missing'), ...collectReasons(rounds, 'contradicted')]
  if (lacking.length > 0) return groupReasons(lacking).map(([which, because]) => `${which}: ${because}`)
  const judged = rounds.filter(({ result }) => result.state === 'judged').length
  const needed = computeNeededRounds(rounds.length)
  return judged >= needed
    ? []
    : [
        `${formatCount(judged)} of ${formatPlural(rounds.length, 'round')} could be judged, ${formatCount(needed)} are needed`,
      ]
}

export function hasFailed(result: RoundResult): boolean {
  return result.state === 'judged' && result.verdict === 'failed'
}

/** Whether a run lost requests, and possibly more than are known. */
export function isLowerBound({ verdict, voided }: Analysis): boolean {
  return verdict === 'failed' && voided.includes('how-many')
}

function formatLosses(judged: readonly RoundResult[], atLeast: boolean): string {
  const sumOverRounds = (pick: (each: RoundResult) => number): number =>
    judged.reduce((sum, each) => sum + pick(each), 0)
  const requests = formatPlural(
    sumOverRounds(({ sent }) => sent),
    'request',
  )
  const rounds = formatPlural(judged.length, 'round')
  const failed = judged.filter(hasFailed).length
  if (failed === 0) return `none of ${requests} in ${rounds} was lost`
  return `${atLeast ? 'at least ' : ''}${formatCount(sumOverRounds(({ lost }) => lost))} of ${requests} were lost, in ${formatCount(failed)} of ${rounds}`
}

/**
 * `17 of 20 rounds judged; left out: round 3 (driver overloaded); missing: rounds 7, 8 (the run did not happen)`; `null` if every round was
 * judged at once, and for a single run.
 */
export function formatRoundAccount(rounds: readonly Round[]): string | null {
  const judged = rounds.filter(({ result }) => result.state === 'judged')
  const repeated = judged.filter(({ runs, run }) => runs[0] !== run)
  const cutShort = judged.filter(({ run }) => run.analysis.ending !== 'complete')
  const runs = rounds.flatMap((round) => round.runs)
  if (runs.length === 1 || (judged.length === rounds.length && repeated.length + cutShort.length === 0)) return null
  const first = repeated.map((round) => toRoundReason(round, round.runs[0]!.analysis.because[0] ?? ''))
  const parts = [
    `${formatCount(judged.length)} of ${formatPlural(rounds.length, 'round')} judged`,
    ...formatReasons('left out', collectReasons(rounds, 'left-out')),
    ...formatReasons('contradicted', collectReasons(rounds, 'contradicted')),
    ...formatReasons('missing', collectReasons(rounds, 'missing')),
    ...formatReasons(
      'cut short',
      cutShort.map((round) => toRoundReason(round, 'judged by what was seen')),
    ),
    ...formatReasons('repeated', first),
  ]
  return parts.join('; ')
}

interface RoundReason {
  round: number
  because: string
}

function toRoundReason({ result }: Round, because: string): RoundReason {
  return { round: result.round, because }
}

function collectReasons(rounds: readonly Round[], state: Exclude<RoundResult['state'], 'judged'>): RoundReason[] {
  return rounds.flatMap((round) => {
    const { result, runs } = round
    if (result.state !== state) return []
    return [
      toRoundReason(round, runs.length === 1 ? result.because : `${result.because}; ${formatCount(runs.length)} runs`),
    ]
  })
}

/** Maximum number of different reasons that are listed. */
const maxReasons = 3

function formatReasons(what: string, reasons: readonly RoundReason[]): string[] {
  const written = new Set([...new Set(reasons.map(({ because }) => because))].slice(0, maxReasons))
  const brief = reasons.map((each) => (written.has(each.because) ? each : { ...each, because: 'for other reasons' }))
  const says = groupReasons(brief).map(([which, because]) => `${which} (${because})`)
  return says.length === 0 ? [] : [`${what}: ${says.join(', ')}`]
}

/** Rounds with the same reason are grouped: `rounds 4, 5`. */
function groupReasons(reasons: readonly RoundReason[]): [which: string, because: string][] {
  return [...Map.groupBy(reasons, ({ because }) => because)].map(([because, members]) => [
    `${members.length === 1 ? 'round' : 'rounds'} ${members.map(({ round }) => formatCount(round)).join(', ')}`,
    because,
  ])
}
