/** Pods under other names, in records of some kinds only. */
import type { LogRecord } from '../../model/record.ts'
import { changed } from './mutation.ts'
import type { RunLog } from './mutation.ts'

export function renamed(log: RunLog, types: readonly LogRecord['type'][], names: ReadonlyMap<string, string>): RunLog {
  const nameOf = (pod: string): string => names.get(pod) ?? pod
  return changed(log, (record) => {
    if (!types.includes(record.type)) return record
    if (record.type === 'pod') return { ...record, pod: { ...record.pod, name: nameOf(record.pod.name) } }
    if (record.type === 'request') {
      const { pod, previousPod } = record.request
      const other = { pod: pod && nameOf(pod), previousPod: previousPod && nameOf(previousPod) }
      return { type: 'request', request: { ...record.request, ...other } }
    }
    return record.type === 'container' || record.type === 'served' ? { ...record, pod: nameOf(record.pod) } : record
  })
}

export const swapped = (both: readonly [string, string] | null): ReadonlyMap<string, string> =>
  new Map(both === null ? [] : [both, both.toReversed() as [string, string]])
