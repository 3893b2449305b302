/**
 * The explanation of losses: for how long a leaving pod still gets work, and for how long it still does it. A part of `analysis.json`.
 * Times are µs after the deletion of the pod; `errorUs` is their maximum error.
 */
export interface PodMargin {
  pod: string
  /** On the run's clock. */
  deletionUs: number
  /** New connections; `null` if none is known to have come, or if it is unknown when the server stopped. */
  fresh: FreshMargin | null
  /** Kept connections that were cut with a request in flight. */
  kept: { cut: number; firstUs: number; lastUs: number } | null
  /** Answers of the front server for an upstream that was gone, from the first to the last. */
  upstream: { status: number; answers: number; fromUs: number; toUs: number } | null
  /** What ended the front container, as in the timeline: `TERM`, `nginx quits`, `KILL`; `null` if unknown. */
  endedBy: string | null
}

export interface FreshMargin {
  /** Until the last new connection came to the pod. */
  connectingUs: number
  /** The source of that time. */
  source: 'driver' | 'kernel'
  /** Whether connections may have come after the last known one. */
  atLeast: boolean
  /** Until it no longer answered new connections. */
  answeringUs: number
  /** Whether it may have answered for longer: its stop is unknown, only the earliest time of it is known. */
  answeringAtLeast?: true
  /** `answeringUs - connectingUs`: negative if no server listened while connections came. */
  marginUs: number
  /** The error of `marginUs`. */
  errorUs: number
}

/** For a row: the pod with the smallest margin in all judged rounds, and the range over all pods. */
export interface RowMargin {
  tightest: PodMargin & { fresh: FreshMargin }
  round: number
  /** The range of `marginUs`, over all pods of all judged rounds. */
  fromUs: number
  toUs: number
  pods: number
}

/**
 * For how long new connections still reached a leaving pod: until the last one that the kernel sent to it or, without that report, the last
 * one that it answered. In that case it may have been reached later, by up to the interval between two new connections. Behind an ingress
 * controller: until the last request that it answered.
 */
export interface EndpointLag {
  pod: string
  /** Negative if the last one came before the deletion. */
  sinceDeletionUs: number
  /** From the EndpointSlice in which it was no longer ready; `null` if that was not seen. */
  sinceEndpointRemovedUs: number | null
  /** Whether its servers stopped so soon after the last one that later ones may have gone unanswered. */
  atLeast: boolean
}
