/** Renames pods in records of some kinds only. */
import type { LogRecord } from '../../model/record.ts'
import { mapRecords } from './mutation.ts'
import type { RunLog } from './mutation.ts'

export function renamePods(
  log: RunLog,
  types: readonly LogRecord['type'][],
  names: ReadonlyMap<string, string>,
): RunLog {
  const mapName = (pod: string): string => names.get(pod) ?? pod
  return mapRecords(log, (record) => {
    if (!types.includes(record.type)) return record
    if (record.type === 'pod') return { ...record, pod: { ...record.pod, name: mapName(record.pod.name) } }
    if (record.type === 'request') {
      const { pod, previousPod } = record.request
      const other = { pod: pod && mapName(pod), previousPod: previousPod && mapName(previousPod) }
      return { type: 'request', request: { ...record.request, ...other } }
    }
    return record.type === 'container' || record.type === 'served' ? { ...record, pod: mapName(record.pod) } : record
  })
}

export const swapNames = (both: readonly [string, string] | null): ReadonlyMap<string, string> =>
  new Map(both === null ? [] : [both, both.toReversed() as [string, string]])
