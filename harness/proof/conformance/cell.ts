/** A cell: one scenario × one configuration under load, and the required result on every cluster. */
import type { Outcome } from '../../model/record.ts'
import type { Analysis, Verdict } from '../../model/result.ts'

export interface Cell {
  scenario: string
  configuration: string
  verdict: Exclude<Verdict, 'unknown'>
  /** Each of these kinds of loss must occur. */
  must: readonly Outcome[]
  /** These may occur in addition, but no others. */
  may: readonly Outcome[]
  /** Minimum and maximum of lost requests in per cent, at most one order of magnitude apart. */
  lostPercent: readonly [least: number, most: number]
  /** Why this is the required result, from how Kubernetes and the servers work. */
  why: string
}

export function formatCellName({ scenario, configuration }: Pick<Cell, 'scenario' | 'configuration'>): string {
  return `${scenario} × ${configuration}`
}

/** The part of a run's result that a cell specifies. */
export interface CellOutcome {
  verdict: Verdict
  because: readonly string[]
  sent: number
  lost: number
  /** The kinds of loss that occurred, most frequent first. */
  kinds: Outcome[]
}

export function summarizeOutcome({
  verdict,
  because,
  ledger,
}: Pick<Analysis, 'verdict' | 'because' | 'ledger'>): CellOutcome {
  const { sent, lost, outcomes } = ledger
  const kinds = (Object.entries(outcomes) as [Outcome, number][])
    .filter(([outcome, count]) => outcome !== 'ok' && count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome]) => outcome)
  return { verdict, because, sent, lost, kinds }
}

export function computeLostPercent({ sent, lost }: Pick<CellOutcome, 'sent' | 'lost'>): number {
  return sent === 0 ? 0 : (100 * lost) / sent
}

/** The differences of a run from the required result; empty without any. */
export function listProblems(cell: Cell, outcome: CellOutcome): string[] {
  const { verdict, because } = outcome
  if (verdict === 'unknown') return [`no verdict: ${because.join('; ')}`, ...listLossProblems(cell, outcome)]
  const wrong = verdict === cell.verdict ? [] : [`the verdict is ${verdict}, not ${cell.verdict}`]
  return [...wrong, ...listLossProblems(cell, outcome)]
}

/** For kinds and order of magnitude only, which a run without a verdict has too. */
export function listLossProblems(cell: Cell, outcome: CellOutcome): string[] {
  const { kinds } = outcome
  const [least, most] = cell.lostPercent
  const percent = computeLostPercent(outcome)
  const missing = cell.must.filter((kind) => !kinds.includes(kind))
  const strange = kinds.filter((kind) => !cell.must.includes(kind) && !cell.may.includes(kind))
  return [
    missing.length === 0 ? '' : `nothing was lost to ${missing.join(', ')}`,
    strange.length === 0 ? '' : `requests were lost to ${strange.join(', ')}`,
    percent >= least && percent <= most ? '' : `${percent.toFixed(2)} % were lost, not ${least} … ${most} %`,
  ].filter((problem) => problem !== '')
}
