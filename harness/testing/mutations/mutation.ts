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
export function leavingLosses(mutations: readonly Mutation[]): Mutation[] {
  return mutations.map((one_) => ({ ...one_, lossesStand: true }))
}

/** Nothing can be concluded of the run. */
export const everything: readonly Conclusion[] = ['some-lost', 'none-lost', 'how-many', 'how-late', 'whose']
/** A loss that was seen was seen; what else was lost, and how long answers took, is not known. */
export const allButLosses: readonly Conclusion[] = ['none-lost', 'how-many', 'how-late']
/** Other requests may have been lost. */
export const othersLost: readonly Conclusion[] = ['none-lost', 'how-many']
/** What happened to pods, or when, is not known as well as it must be. */
export const blame: readonly Conclusion[] = ['none-lost', 'whose']

export type RecordOf<T extends LogRecord['type']> = Extract<LogRecord, { type: T }>

/** The records of one kind, in their order. */
export function every<T extends LogRecord['type']>({ records }: RunLog, type: T): RecordOf<T>[] {
  return records.filter((record): record is RecordOf<T> => record.type === type)
}

export function requestsIn(log: RunLog): RequestRecord[] {
  return every(log, 'request').map(({ request }) => request)
}

/** The log with each record replaced by what `change` makes of it; `null` drops it. */
export function changed(log: RunLog, change: (record: LogRecord) => LogRecord | LogRecord[] | null): RunLog {
  return { ...log, records: log.records.flatMap((record) => change(record) ?? []) }
}

/** The same for the records of one kind. */
export function changedOf<T extends LogRecord['type']>(
  log: RunLog,
  type: T,
  change: (record: RecordOf<T>) => LogRecord | LogRecord[] | null,
): RunLog {
  return changed(log, (record) => (record.type === type ? change(record as RecordOf<T>) : record))
}

/** The same for requests. */
export function changedRequests(log: RunLog, change: (request: RequestRecord) => RequestRecord | null): RunLog {
  return changedOf(log, 'request', ({ request }) => {
    const other = change(request)
    return other === null ? null : { type: 'request', request: other }
  })
}

/** One of them; `null` when there is none. */
export function one<T>(items: readonly T[], random: Random): T | null {
  return items[Math.floor(random() * items.length)] ?? null
}

/** Two different ones; `null` when there are not so many. */
export function two<T>(items: readonly T[], random: Random): [T, T] | null {
  const first = one(items, random)
  const second = one(
    items.filter((item) => item !== first),
    random,
  )
  return first === null || second === null ? null : [first, second]
}

/** When a step was taken. Throws where it never was: a clean log has all. */
export function stepUs(log: RunLog, name: Step): number {
  const found = every(log, 'step').find(({ step }) => step === name)
  if (found === undefined) throw new Error(`the log has no step ${name}`)
  return found.t
}

export interface Span {
  fromUs: number
  toUs: number
}

/** From the beginning of the disruption until the old pods are gone. */
export function disruption(log: RunLog): Span {
  return { fromUs: stepUs(log, 'disrupt-begin'), toUs: stepUs(log, 'old-pods-gone') }
}

export const isIn = ({ fromUs, toUs }: Span, us: number): boolean => fromUs <= us && us < toUs

export const isLost = ({ outcome }: RequestRecord): boolean =>
  !['ok', 'overload', 'stopped', 'driver-lost'].includes(outcome)

/** The pods of the workload: those that left, and those that came for them. */
export function podsIn(log: RunLog): { left: string[]; came: string[] } {
  const beginUs = stepUs(log, 'disrupt-begin')
  const pods = every(log, 'pod')
  const names = (keep: (record: RecordOf<'pod'>) => boolean): string[] => [
    ...new Set(pods.filter(keep).map(({ pod }) => pod.name)),
  ]
  const old = new Set(names(({ change, t }) => change === 'added' && t < beginUs))
  return {
    left: names(({ change, pod }) => change === 'deleted' && old.has(pod.name)),
    came: names(({ change, pod }) => change === 'added' && !old.has(pod.name)),
  }
}

/** A request as if it and all its instants were later by so much. */
export function shifted(request: RequestRecord, us: number): RequestRecord {
  const later = (at: number | null): number | null => (at === null ? null : at + us)
  return {
    ...request,
    dueUs: request.dueUs + us,
    sentUs: later(request.sentUs),
    connectedUs: later(request.connectedUs),
    firstByteUs: later(request.firstByteUs),
    settledUs: request.settledUs + us,
  }
}
