/** What other load tools would have told of the same requests, each by its own counting rules: a part of `analysis.json`. */

/** As they are run: with the options that decide what is an error. */
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
  /** Requests of the lanes that it would have sent: all of them, or those on new connections only. */
  sent: number
  /** Of these. */
  lost: number
  /** How often it tells of an error, under its own names; a request may be told of under several. */
  told: Record<string, number>
  /** Lost requests that it tells of. */
  errors: number
  /** Lost requests that it sends again silently. What became of them then nobody knows. */
  resent: number
  /** Lost requests that it takes for answered, or counts nowhere. */
  untold: number
  /** Requests that it tells to have been answered well; lost ones may be among them. */
  good: number
  /** Runs that it gave up at the first such error, without a result. */
  gaveUp: number
  /** Its exit codes, and in how many runs. */
  exits: Record<string, number>
  /** What its result says, in short. */
  says: string
}
