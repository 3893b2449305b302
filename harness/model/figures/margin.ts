/**
 * What explains losses: for how long a pod that leaves is still sent work, and for how long it still does it. A part of `analysis.json`.
 * Times are µs after the deletion of the pod; `errorUs` says how far they may be off.
 */
export interface PodMargin {
  pod: string
  /** On the run's clock. */
  deletionUs: number
  /** New connections; `null` where none is known to have come, or it is not known when the server stopped. */
  fresh: FreshMargin | null
  /** Connections that were kept: cut while a request was under way on them. */
  kept: { cut: number; firstUs: number; lastUs: number } | null
  /** The front server answered for an upstream that was gone: from the first of these answers to the last. */
  upstream: { status: number; answers: number; fromUs: number; toUs: number } | null
  /** What ended the front container, as the timeline names it: `TERM`, `nginx quits`, `KILL`; `null` where nobody tells. */
  endedBy: string | null
}

export interface FreshMargin {
  /** Until the last new connection came to it. */
  connectingUs: number
  /** Whose word that is. */
  source: 'driver' | 'kernel'
  /** Connections may have come after the last one that is known of. */
  atLeast: boolean
  /** Until it answered no more new connection. */
  answeringUs: number
  /** It may have answered for longer: nobody tells when it stopped, only from when on it may have. */
  answeringAtLeast?: true
  /** `answeringUs - connectingUs`: negative where nobody listened while connections came. */
  marginUs: number
  /** Of `marginUs`. */
  errorUs: number
}

/** Of a row: the pod with the least margin in all judged rounds, and the range over all pods. */
export interface RowMargin {
  tightest: PodMargin & { fresh: FreshMargin }
  round: number
  /** Of `marginUs`, over all pods of all judged rounds. */
  fromUs: number
  toUs: number
  pods: number
}

/**
 * For how long new connections still reached a leaving pod: until the last one that the kernel led to it or, where that is not told, that it
 * answered. Then it may have been reached later, by as long as it takes until the next new connection would have come to it. Behind an
 * ingress controller: until the last request that it answered.
 */
export interface EndpointLag {
  pod: string
  /** Negative when the last one came before. */
  sinceDeletionUs: number
  /** From the EndpointSlice in which it was no longer ready; `null` when that was not seen. */
  sinceEndpointRemovedUs: number | null
  /** Its servers stopped so soon after the last one that those which came later may have gone unanswered. */
  atLeast: boolean
}
