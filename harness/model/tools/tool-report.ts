/** What other load tools would have reported about the same requests, by their own counting rules: a part of `analysis.json`. */

/** With the options that decide what counts as an error. */
export type LoadTool = (typeof loadTools)[number]
export const loadTools = [
  'k6',
  'vegeta',
  'hey',
  'hey -m POST',
  'fortio',
  'autocannon',
  'oha',
  'wrk',
  'ab',
  'ab -k -r',
  'curl',
] as const

/** `lost = errors + resent + untold`. */
export interface ToolReport {
  tool: LoadTool
  /** Number of requests of the lanes that it would have sent: all, or those on new connections only. */
  sent: number
  /** The lost ones among them. */
  lost: number
  /** The number of errors that it reports, by its own names; one request may be reported under several. */
  told: Record<string, number>
  /** Number of lost requests that it reports. */
  errors: number
  /** Number of lost requests that it retries silently. The outcome of the retries is unknown. */
  resent: number
  /** Number of lost requests that it counts as answered, or not at all. */
  untold: number
  /** Number of requests that it reports as answered well; lost ones may be among them. */
  good: number
  /** Number of runs that it aborted at the first such error, without a result. */
  gaveUp: number
  /** Its exit codes, each with the number of runs. */
  exits: Record<string, number>
  /** Its result in short. */
  says: string
}
