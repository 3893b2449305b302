/** What stands in the records of a log, read in the plainest way: for tests of what is concluded and drawn from them. */
import { notSentReasons } from '../../model/record.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'

export const neverSentReasons: ReadonlySet<string> = new Set(notSentReasons)

export interface SeenPod {
  node: string | null
  /** When a record first showed it terminating, and when one told that it was gone; `null` where none did. */
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

/** Of all lanes, sent or not. */
export function listRequests(records: readonly LogRecord[]): RequestRecord[] {
  return records.flatMap((record) => (record.type === 'request' ? [record.request] : []))
}
