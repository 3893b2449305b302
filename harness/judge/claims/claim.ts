/** What a claim is: a statement about a run's evidence that must hold before what rests on it may be concluded (law 6). */
import type { RunPlan } from '../../model/plan.ts'
import type { Conclusion, Figure } from '../../model/claims.ts'
import type { Ledger, Loss, PhaseSpan, PodLife, Quantiles } from '../../model/result.ts'
import type { ServersSaw } from '../../model/server-logs.ts'
import type { Evidence } from '../facts/evidence.ts'
import type { Account } from '../facts/balance-ledger.ts'

/** All that a claim may look at. */
export interface Case {
  plan: RunPlan
  /** SHA-256 of the plan's file; `null` where the plan is not from a file. */
  planDigest: string | null
  evidence: Evidence
  account: Account
  load: Load
  phases: readonly PhaseSpan[]
  pods: readonly PodLife[]
  losses: readonly Loss[]
  servers: ServersSaw | null
}

export interface Load {
  ledger: Ledger
  /** Of `ok` requests of the workload's lanes. */
  latency: Quantiles
  /** Of the lane `control`; `null` where there is none. */
  controlLatency: Quantiles | null
  sendLag: Quantiles
  /** The p99 of `ok` requests that were due before the disruption, see usual.ts; 0 without any. */
  usualUs: number
}

export interface Finding {
  /** Why the claim does not hold, the weightiest first; empty when it does. */
  complaints: string[]
  figures: Figure[]
}

export interface Claim {
  /** Also the name of its file and of its test. */
  name: string
  /** The statement, without a final period. */
  says: string
  /** The records and fields that it is held against. */
  evidence: string
  /** How far the evidence may be off, and why no more and no less. */
  tolerance: string
  /** What rests on it: void while it does not hold. */
  conclusions: readonly Conclusion[]
  /** Whether a machine or a cluster that was in the way is enough to break it; else the evidence contradicts itself. */
  disturbance: boolean
  hold: (run: Case) => Finding
}

/** A finding of complaints, without those that are `null`. */
export function finding(complaints: readonly (string | null)[], figures: Figure[] = []): Finding {
  return { complaints: complaints.filter((one) => one !== null), figures }
}

export function figure(name: string, unit: Figure['unit'], value: number | null, limit: number | null = null): Figure {
  return { name, unit, value, limit }
}
