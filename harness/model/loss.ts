/** How a lost request is explained: a part of `analysis.json`. */

/** How a lost request was tied to a pod. */
export type AttributedBy =
  /** The pod answered, if only with an error. */
  | 'response'
  /** The pod had answered before on the same connection. */
  | 'connection'
  /** The only pod to which a new connection could go wrong at that instant. */
  | 'moment'

/** By which of its instants it is told when a request was lost: see analyse/instants.ts. */
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
