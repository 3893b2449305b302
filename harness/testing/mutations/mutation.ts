/** Deliberate damage to the log of a run, to test whether the judge notices it. */
import type { Conclusion } from '../../model/claims.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Step } from '../../model/step.ts'

/** The input of the judge: a plan, the digest of its file, and the records of a log. */
export interface RunLog {
  plan: RunPlan
  planDigest: string
  records: readonly LogRecord[]
  torn: boolean
}

/** A number in [0, 1). */
export type Random = () => number

export interface Mutation {
  /** The kind of damage, and its object. */
  name: string
  /** The damaged evidence, and what a judge who does not notice would believe. */
  touches: string
  /** What can no longer be concluded, at least. */
  voids: readonly Conclusion[]
  /** It touches nothing that a loss depends on: a log with losses still shows them. */
  lossesStand?: true
  /** `null` if the log has nothing that could be damaged in this way. */
  damage: (log: RunLog, random: Random) => RunLog | null
}

/** The same mutations, marked as touching nothing that a loss depends on. */
export function markLossesStand(mutations: readonly Mutation[]): Mutation[] {
  return mutations.map((one_) => ({ ...one_, lossesStand: true }))
}

/** Nothing can be concluded about the run. */
export const allConclusions: readonly Conclusion[] = ['some-lost', 'none-lost', 'how-many', 'how-late', 'whose']
/** A loss that was seen is certain; other losses and latencies are unknown. */
export const conclusionsButLosses: readonly Conclusion[] = ['none-lost', 'how-many', 'how-late']
/** Other requests may have been lost. */
export const lossCounts: readonly Conclusion[] = ['none-lost', 'how-many']
/** What happened to pods, or when, is not known well enough. */
export const lossBlame: readonly Conclusion[] = ['none-lost', 'whose']

export type RecordOf<T extends LogRecord['type']> = Extract<LogRecord, { type: T }>

/** The records of one kind, in order. */
export function listRecords<T extends LogRecord['type']>({ records }: RunLog, type: T): RecordOf<T>[] {
  return records.filter((record): record is RecordOf<T> => record.type === type)
}

export function listRequests(log: RunLog): RequestRecord[] {
  return listRecords(log, 'request').map(({ request }) => request)
}

/** The log with each record replaced by the result of `change`; `null` drops it. */
export function mapRecords(log: RunLog, change: (record: LogRecord) => LogRecord | LogRecord[] | null): RunLog {
  return { ...log, records: log.records.flatMap((record) => change(record) ?? []) }
}

/** The same for the records of one kind. */
export function mapRecordsOfType<T extends LogRecord['type']>(
  log: RunLog,
  type: T,
  change: (record: RecordOf<T>) => LogRecord | LogRecord[] | null,
): RunLog {
  return mapRecords(log, (record) => (record.type === type ? change(record as RecordOf<T>) : record))
}

/** The same for requests. */
export function mapRequests(log: RunLog, change: (request: RequestRecord) => RequestRecord | null): RunLog {
  return mapRecordsOfType(log, 'request', ({ request }) => {
    const other = change(request)
    return other === null ? null : { type: 'request', request: other }
  })
}

/** One of the items; `null` without any. */
export function pickOne<T>(items: readonly T[], random: Random): T | null {
  return items[Math.floor(random() * items.length)] ?? null
}

/** Two different items; `null` if there are fewer than two. */
export function pickTwo<T>(items: readonly T[], random: Random): [T, T] | null {
  const first = pickOne(items, random)
  const second = pickOne(
    items.filter((item) => item !== first),
    random,
  )
  return first === null || second === null ? null : [first, second]
}

/** When a step was taken. Throws if it never was: a clean log has all steps. */
export function findStepUs(log: RunLog, name: Step): number {
  const found = listRecords(log, 'step').find(({ step }) => step === name)
  if (found === undefined) throw new Error(`the log has no step ${name}`)
  return found.t
}

export interface Span {
  fromUs: number
  toUs: number
}

/** From the beginning of the disruption until the old pods are gone. */
export function getDisruptionSpan(log: RunLog): Span {
  return { fromUs: findStepUs(log, 'disrupt-begin'), toUs: findStepUs(log, 'old-pods-gone') }
}

export const isIn = ({ fromUs, toUs }: Span, us: number): boolean => fromUs <= us && us < toUs

export const isLost = ({ outcome }: RequestRecord): boolean =>
  !['ok', 'overload', 'stopped', 'driver-lost'].includes(outcome)

/** The pods of the workload: those that left, and their replacements. */
export function listPods(log: RunLog): { left: string[]; came: string[] } {
  const beginUs = findStepUs(log, 'disrupt-begin')
  const pods = listRecords(log, 'pod')
  const listNames = (keep: (record: RecordOf<'pod'>) => boolean): string[] => [
    ...new Set(pods.filter(keep).map(({ pod }) => pod.name)),
  ]
  const old = new Set(listNames(({ change, t }) => change === 'added' && t < beginUs))
  return {
    left: listNames(({ change, pod }) => change === 'deleted' && old.has(pod.name)),
    came: listNames(({ change, pod }) => change === 'added' && !old.has(pod.name)),
  }
}

/** A request with all its instants later by this time. */
export function shiftRequest(request: RequestRecord, us: number): RequestRecord {
  const shiftTime = (at: number | null): number | null => (at === null ? null : at + us)
  return {
    ...request,
    dueUs: request.dueUs + us,
    sentUs: shiftTime(request.sentUs),
    connectedUs: shiftTime(request.connectedUs),
    firstByteUs: shiftTime(request.firstByteUs),
    settledUs: request.settledUs + us,
  }
}

/** The servers that clients talk to. */
export const listProxyRecords = (log: RunLog): RecordOf<'served'>[] => {
  const served = listRecords(log, 'served')
  const proxies = served.filter(({ role }) => role === 'proxy')
  return proxies.length > 0 ? proxies : served
}
