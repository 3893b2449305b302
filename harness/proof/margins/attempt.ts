/** What the probe is asked and tells: lines of JSON on its standard input and output. */

export interface ProbeTarget {
  name: string
  host: string
  port: number
  /** From one connection to the next. */
  everyMs: number
  /** Asks who answers; else a connection that stands is enough, and is reset at once. */
  asks: boolean
}

export interface ProbeAttempt {
  target: string
  /** When the connection was asked for; wall clock. */
  atMs: number
  /** Who answered, where that was asked. */
  pod: string | null
  /** Why no connection came about, or no answer; `null` where it did. */
  failed: string | null
}
