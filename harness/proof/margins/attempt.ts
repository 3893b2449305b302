/** The input and output of the probe: lines of JSON. */

export interface ProbeTarget {
  name: string
  host: string
  port: number
  /** Interval between two connections. */
  everyMs: number
  /** Requests the name of the pod; else an established connection is enough, and is reset at once. */
  asks: boolean
}

export interface ProbeAttempt {
  target: string
  /** When the connection was opened; wall clock. */
  atMs: number
  /** The pod that answered, if that was requested. */
  pod: string | null
  /** Why the connection or the answer failed; `null` if it did not. */
  failed: string | null
}
