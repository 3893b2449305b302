/** A cell: one scenario × one configuration under load, and what must come of it on every cluster. */
import type { Outcome } from '../../model/record.ts'
import type { Analysis, Verdict } from '../../model/result.ts'

export interface Cell {
  scenario: string
  configuration: string
  verdict: Exclude<Verdict, 'unknown'>
  /** Each of these kinds of loss must occur. */
  must: readonly Outcome[]
  /** These may occur beside them, and no others. */
  may: readonly Outcome[]
  /** How many of 100 requests are lost, at least and at most: no further apart than one order of magnitude. */
  lostPercent: readonly [least: number, most: number]
  /** Why it must be so, from how Kubernetes and the servers work. */
  why: string
}

export function formatCellName({ scenario, configuration }: Pick<Cell, 'scenario' | 'configuration'>): string {
  return `${scenario} × ${configuration}`
}

/** What came of a run, as far as a cell has something to say of it. */
export interface CellOutcome {
  verdict: Verdict
  because: readonly string[]
  sent: number
  lost: number
  /** The kinds of loss that occurred, the most frequent first. */
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

/** In what a run is not as it must be; empty when it is. */
export function listProblems(cell: Cell, outcome: CellOutcome): string[] {
  const { verdict, because } = outcome
  if (verdict === 'unknown') return [`no verdict: ${because.join('; ')}`, ...listLossProblems(cell, outcome)]
  const wrong = verdict === cell.verdict ? [] : [`the verdict is ${verdict}, not ${cell.verdict}`]
  return [...wrong, ...listLossProblems(cell, outcome)]
}

/** Of kinds and order of magnitude alone, which a run without a verdict has as well. */
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
