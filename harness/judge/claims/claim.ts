/** A claim: a statement about a run's evidence that must hold before the conclusions that rest on it may be drawn (law 6). */
import type { RunPlan } from '../../model/plan.ts'
import type { Attribution } from '../../model/loss.ts'
import type { Conclusion, Figure } from '../../model/claims.ts'
import type { LossFigures } from '../../model/figures/loss-figures.ts'
import type { Ledger, Loss, PhaseSpan, PodTimeline, Quantiles } from '../../model/result.ts'
import type { ServerLogFindings } from '../../model/server-logs.ts'
import type { Evidence } from '../facts/evidence.ts'
import type { LedgerBalance } from '../facts/balance-ledger.ts'

/** The evidence that a claim may use. */
export interface ClaimInput {
  plan: RunPlan
  /** SHA-256 of the plan's file; `null` where the plan is not from a file. */
  planDigest: string | null
  evidence: Evidence
  account: LedgerBalance
  load: LoadFigures
  phases: readonly PhaseSpan[]
  pods: readonly PodTimeline[]
  losses: readonly Loss[]
  lossFigures: LossFigures
  attribution: Attribution
  servers: ServerLogFindings | null
}

export interface LoadFigures {
  ledger: Ledger
  /** For `ok` requests of the workload's lanes. */
  latency: Quantiles
  /** For the lane `control`; `null` where there is none. */
  controlLatency: Quantiles | null
  sendLag: Quantiles
  /** The p99 of `ok` requests that were due before the disruption, see usual.ts; 0 without any. */
  usualUs: number
}

export interface ClaimCheck {
  /** Why the claim does not hold, most important first; empty when it does. */
  problems: string[]
  figures: Figure[]
}

export interface Claim {
  /** Also the name of its file and of its test. */
  name: string
  /** The statement, without a final period. */
  says: string
  /** The records and fields that it is compared with. */
  evidence: string
  /** How far the evidence may deviate, and why exactly that far. */
  tolerance: string
  /** The conclusions that rest on it, and are void while it does not hold. */
  conclusions: readonly Conclusion[]
  /** Whether a disturbance by the machine or the cluster can break it; else the evidence contradicts itself. */
  disturbance: boolean
  check: (run: ClaimInput) => ClaimCheck
}

/** A finding of problems, without those that are `null`. */
export function toClaimCheck(problems: readonly (string | null)[], figures: Figure[] = []): ClaimCheck {
  return { problems: problems.filter((one) => one !== null), figures }
}

export function createFigure(
  name: string,
  unit: Figure['unit'],
  value: number | null,
  limit: number | null = null,
): Figure {
  return { name, unit, value, limit }
}
