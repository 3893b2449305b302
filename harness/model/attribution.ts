/** How well it is known which pod a request was of: a part of `analysis.json`. */
import type { AttributedBy } from './loss.ts'

/**
 * The best evidence that there is, in this order. `sample-header`: answers name their pod as the sample's do; `named-header`: by a header
 * that the user named; `kernel`: connection tracking tells to which pod each connection was led; `moments`: nothing tells, but what
 * happened to the pods at that time.
 */
export type EvidenceLevel = (typeof evidenceLevels)[number]
export const evidenceLevels = ['sample-header', 'named-header', 'kernel', 'moments'] as const

export interface Attribution {
  level: EvidenceLevel
  /** The header of the first two levels. */
  header: string | null
  kernel: KernelEvidence
  /** Lost requests, by how each was tied to a pod; `several`: to the likeliest of several pods. */
  lost: Record<AttributedBy | 'several' | 'nobody', number>
}

/** What connection tracking told. */
export interface KernelEvidence {
  /** `absent`: nobody asked for it, or it is of no use on this way to the pods; `refused`: it could not be had. */
  state: 'absent' | 'refused' | 'partial' | 'whole'
  /** Why it is not whole. */
  why: string | null
  /** New connections that it led to a pod. */
  connections: number
  /** Requests answered by the pod to which it led their connection. */
  agreed: number
  /** Requests answered by another. */
  contradicted: number
  /** Requests answered by a pod that names itself, of whose connection nothing is told. */
  untold: number
}
