/** Reads the records of a log in the simplest way, for tests of conclusions and drawings. */
import { notSentReasons } from '../../model/record.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'

export const neverSentReasons: ReadonlySet<string> = new Set(notSentReasons)

export interface SeenPod {
  node: string | null
  /** When a record first showed it terminating, and when one reported it gone; `null` without such a record. */
  terminatingUs: number | null
  deletedUs: number | null
}

/** The pods that the watch showed, by name. */
export function readPods(records: readonly LogRecord[]): Map<string, SeenPod> {
  const pods = new Map<string, SeenPod>()
  for (const record of records) {
    if (record.type !== 'pod') continue
    const { t, change, pod } = record
    const seen = pods.get(pod.name) ?? { node: null, terminatingUs: null, deletedUs: null }
    pods.set(pod.name, seen)
    seen.node = pod.node ?? seen.node
    if (pod.terminating) seen.terminatingUs ??= t
    if (change === 'deleted') seen.deletedUs ??= t
  }
  return pods
}

/** Requests of all lanes, sent or not. */
export function listRequests(records: readonly LogRecord[]): RequestRecord[] {
  return records.flatMap((record) => (record.type === 'request' ? [record.request] : []))
}
