/** The explanation of a lost request: a part of `analysis.json`. */

/** How a lost request was attributed to a pod. */
export type AttributedBy =
  /** The pod answered, if only with an error. */
  | 'response'
  /** The pod had answered before on the same connection. */
  | 'connection'
  /** The kernel sent the connection to it, by the connection tracking of the driver's node. */
  | 'kernel'
  /** Of the pods to which it could go, only this one was leaving, stopping or new at that instant. */
  | 'moment'

/**
 * What failed a request that came through an ingress controller: `controller`, which answered by itself or cut the client's connection;
 * `pod`, whose answer it passed on, complete or cut; `unknown`, for example if no answer came in time, or only a part of one.
 */
export type LossOrigin = 'controller' | 'pod' | 'unknown'

/** For a run through an ingress controller: `lost = byController + byPod + unknown`. */
export interface LossOrigins {
  byController: number
  byPod: number
  unknown: number
  /** Statuses of the controller's own answers, most frequent first. */
  statuses: [status: number, count: number][]
  /**
   * The longest time from the removal of a pod's endpoint to the controller's last own answer that is attributed to that pod alone: for
   * this long it may have used a pod that was gone. `null` if there is none after a removal.
   */
  lagUs: number | null
  /** New connections reported by the kernel, from drivers to the controller and from it to pods; `null` if not all were reported. */
  connections: { toController: number | null; toPods: number | null }
  /**
   * The longest time from the removal of a pod's endpoint to the last connection that the controller opened to it; not positive if none
   * came later, `null` if they were not reported.
   */
  connectedUs: number | null
  /** Why the controller's connections were not reported; `null` if they were, or were not requested. */
  untold: string | null
}

/** The instant of the request that decides when it was lost: see judge/pods/loss-instants.ts. */
export type LostBy =
  /** The connection was cut, or the answer was invalid: noticed when it happened. */
  | 'failure'
  /** No SYN was answered, not even the first. */
  | 'first-syn'
  /** The latest SYN, which was refused. */
  | 'last-syn'
  /** When it would have been answered without disruption: it was sent, and nothing came back. */
  | 'answer-due'
  /** The first byte of an answer that reports a failure. */
  | 'first-byte'

/** What went wrong when a container of a deleted pod was stopped; `atUs`: the earliest time from which on it mattered. */
export type StopFault = { atUs: number } & (
  | {
      /** Its preStop hook failed, so that the stop signal followed at once. */
      kind: 'hook-failed'
      /** An exit code or a problem; `null` if the kubelet does not report it. */
      detail: string | null
    }
  | {
      /** Its preStop hook still ran when the grace period was over: the stop signal came then, and KILL 2 s later. */
      kind: 'hook-outlasted-grace'
      graceSeconds: number
    }
  | {
      /** It had not ended on its stop signal when the grace period was over, and was killed. */
      kind: 'outlived-signal'
      /** `null` if it is unknown. */
      signal: string | null
      graceSeconds: number
    }
)

/** The pod's container that had been signalled or had exited last before the request was lost. */
export interface LossStop {
  container: string
  /** The last signal that it had been sent by then, and when; `null` if the signal or its time is unknown. */
  signal: string | null
  signalUs: number | null
  /** When it had exited; `null` if that is not certain. */
  exitedUs: number | null
  /** Faults by then. */
  faults: StopFault[]
}

/**
 * The best available evidence, in this order. `sample-header`: answers name their pod as the sample's do; `named-header`: by a header that
 * the user named; `kernel`: connection tracking shows the pod of each connection; `moments`: only what happened to the pods at that time.
 */
export type EvidenceLevel = (typeof evidenceLevels)[number]
export const evidenceLevels = ['sample-header', 'named-header', 'kernel', 'moments'] as const

export interface Attribution {
  level: EvidenceLevel
  /** The header for the first two levels. */
  header: string | null
  kernel: KernelEvidence
  /** Lost requests by their attribution; `several`: to the likeliest of several pods, or of one pod and a component before the cluster. */
  lost: Record<AttributedBy | 'several' | 'nobody', number>
}

/** What connection tracking reported. */
export interface KernelEvidence {
  /** `absent`: it was not requested, or is of no use for this entry point; `refused`: it was unavailable. */
  state: 'absent' | 'refused' | 'partial' | 'whole'
  /** Why it is not complete. */
  why: string | null
  /** Number of new connections that were sent to a pod. */
  connections: number
  /** Number of requests answered by the pod that their connection was sent to. */
  agreed: number
  /** Number of requests answered by another pod. */
  contradicted: number
  /** Number of requests answered by a pod that names itself, but without a report about their connection. */
  untold: number
}
