/** How a lost request is explained: a part of `analysis.json`. */

/** How a lost request was tied to a pod. */
export type AttributedBy =
  /** The pod answered, if only with an error. */
  | 'response'
  /** The pod had answered before on the same connection. */
  | 'connection'
  /** The kernel led the connection to it, by the connection tracking of the driver's node. */
  | 'kernel'
  /** The only pod to which it could go that was leaving, stopping or new at that instant. */
  | 'moment'

/**
 * Who failed a request that came through an ingress controller: `controller`, which answered by itself or cut the client's connection;
 * `pod`, whose answer it passed on, whole or cut; `unknown` where neither is certain, as when nothing came in time, or no more of an answer.
 */
export type LossOrigin = 'controller' | 'pod' | 'unknown'

/** Of a run through an ingress controller: `lost = byController + byPod + unknown`. */
export interface LossOrigins {
  byController: number
  byPod: number
  unknown: number
  /** Statuses of the controller's own answers, the most frequent first. */
  statuses: [status: number, count: number][]
  /**
   * From the removal of a pod's endpoint to the last of the controller's own answers that is tied to that pod alone, at most: for so long it may
   * have used what was gone. `null` without any after a removal.
   */
  lagUs: number | null
  /** New connections by the kernel's word, of drivers to the controller and of it to pods; `null` where not all were told. */
  connections: { toController: number | null; toPods: number | null }
  /**
   * From the removal of a pod's endpoint to the last connection that the controller opened to it, the longest of all; not positive where none
   * came later, `null` where that was not told.
   */
  connectedUs: number | null
  /** Why the controller's connections were not told; `null` where they were, or nobody asked. */
  untold: string | null
}

/** By which of its instants it is told when a request was lost: see judge/pods/loss-instants.ts. */
export type LostBy =
  /** The connection was cut, or what came was no answer: noticed when it happened. */
  | 'failure'
  /** No SYN was answered, and the first one not either. */
  | 'first-syn'
  /** The SYN that was refused, the latest one. */
  | 'last-syn'
  /** When it would have been answered while nothing was disrupted: it was written, and nothing came. */
  | 'answer-due'
  /** An answer tells of a failure with its first byte. */
  | 'first-byte'

/** What went wrong when a container of a deleted pod was stopped; `atUs` is from when on it counted, at the earliest. */
export type StopFault = { atUs: number } & (
  | {
      /** Its preStop hook failed, so that the stop signal followed at once. */
      kind: 'hook-failed'
      /** An exit code or a problem; `null` where the kubelet does not say. */
      detail: string | null
    }
  | {
      /** Its preStop hook still ran when the grace period was used up: the stop signal came then, and KILL 2 s later. */
      kind: 'hook-outlasted-grace'
      graceSeconds: number
    }
  | {
      /** It had not ended on its stop signal when the grace period was used up, and was killed. */
      kind: 'outlived-signal'
      /** `null` where nobody tells which one it was. */
      signal: string | null
      graceSeconds: number
    }
)

/** Of the pod's containers the one that had been signalled or had exited last when the request was lost. */
export interface LossStop {
  container: string
  /** The last signal that it had been sent by then, and when; `null` where none is known, or not when. */
  signal: string | null
  signalUs: number | null
  /** When it had exited; `null` where that was not certain by then. */
  exitedUs: number | null
  /** By then. */
  faults: StopFault[]
}

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
  /** Lost requests, by how each was tied to a pod; `several`: to the likeliest of several pods, or of one and what stands before the cluster. */
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
