/** Damage done on purpose to the log of a run, to see whether the judge notices. */
import type { Conclusion } from '../../model/claims.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Step } from '../../model/step.ts'

/** What is judged: a plan, the digest of its file, and the records of a log. */
export interface RunLog {
  plan: RunPlan
  planDigest: string
  records: readonly LogRecord[]
  torn: boolean
}

/** A number in [0, 1). */
export type Random = () => number

export interface Mutation {
  /** What is done, and to what. */
  name: string
  /** The evidence that is damaged, and what a judge who does not notice would take for true. */
  touches: string
  /** What can no longer be concluded, at least. */
  voids: readonly Conclusion[]
  /** It touches nothing that a loss rests on: a log that shows losses still shows them. */
  lossesStand?: true
  /** `null` where the log has nothing that could be damaged so. */
  damage: (log: RunLog, random: Random) => RunLog | null
}

/** The same mutations, none of which touches what a loss rests on. */
export function markLossesStand(mutations: readonly Mutation[]): Mutation[] {
  return mutations.map((one_) => ({ ...one_, lossesStand: true }))
}

/** Nothing can be concluded of the run. */
export const allConclusions: readonly Conclusion[] = ['some-lost', 'none-lost', 'how-many', 'how-late', 'whose']
/** A loss that was seen was seen; what else was lost, and how long answers took, is not known. */
export const conclusionsButLosses: readonly Conclusion[] = ['none-lost', 'how-many', 'how-late']
/** Other requests may have been lost. */
export const lossCounts: readonly Conclusion[] = ['none-lost', 'how-many']
/** What happened to pods, or when, is not known as well as it must be. */
export const lossBlame: readonly Conclusion[] = ['none-lost', 'whose']

export type RecordOf<T extends LogRecord['type']> = Extract<LogRecord, { type: T }>

/** The records of one kind, in their order. */
export function listRecords<T extends LogRecord['type']>({ records }: RunLog, type: T): RecordOf<T>[] {
  return records.filter((record): record is RecordOf<T> => record.type === type)
}

export function listRequests(log: RunLog): RequestRecord[] {
  return listRecords(log, 'request').map(({ request }) => request)
}

/** The log with each record replaced by what `change` makes of it; `null` drops it. */
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

/** One of them; `null` when there is none. */
export function pickOne<T>(items: readonly T[], random: Random): T | null {
  return items[Math.floor(random() * items.length)] ?? null
}

/** Two different ones; `null` when there are not so many. */
export function pickTwo<T>(items: readonly T[], random: Random): [T, T] | null {
  const first = pickOne(items, random)
  const second = pickOne(
    items.filter((item) => item !== first),
    random,
  )
  return first === null || second === null ? null : [first, second]
}

/** When a step was taken. Throws where it never was: a clean log has all. */
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

/** The pods of the workload: those that left, and those that came for them. */
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

/** A request as if it and all its instants were later by so much. */
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
