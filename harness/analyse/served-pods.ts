/** In which pod's log each request is: an array by sequence number for each driver, for a map would take ten times the memory. */
import type { ServerRole } from '../model/record.ts'
import { placeOf } from './request-key.ts'
import type { ServedTable } from './served-table.ts'

/** In place of a pod's number: more than one pod has the request in its log. */
const several = 0xffff
/** More requests no run has; a number beyond is damage, and no reason to ask for that much memory. */
const mostSeq = 1 << 26

export interface PodsByRequest {
  /** The pod in whose log alone a request is; `null` when it is in none, or in several. */
  of: (key: number) => string | null
}

/** By the logs of the servers in one role. */
export function podsByRequest(served: ServedTable, role: ServerRole): PodsByRequest {
  const names: string[] = []
  const drivers: Uint16Array[] = []
  for (let index = 0; index < served.size; index++) {
    const place = served.place(index)
    if (place.role !== role) continue
    const number = numberOf(names, place.pod)
    const { driver, seq } = placeOf(served.key(index))
    if (seq >= mostSeq) continue
    const row = (drivers[driver] = reaching(drivers[driver] ?? new Uint16Array(1024), seq))
    row[seq] = row[seq] === 0 || row[seq] === number ? number : several
  }
  return {
    of(key) {
      const { driver, seq } = placeOf(key)
      return names[(drivers[driver]?.[seq] ?? 0) - 1] ?? null
    },
  }
}

/** From 1: 0 is nobody. */
function numberOf(names: string[], pod: string): number {
  const known = names.indexOf(pod)
  return known >= 0 ? known + 1 : names.push(pod)
}

function reaching(row: Uint16Array, seq: number): Uint16Array {
  if (seq < row.length) return row
  const longer = new Uint16Array(Math.max(seq + 1, 2 * row.length))
  longer.set(row)
  return longer
}
