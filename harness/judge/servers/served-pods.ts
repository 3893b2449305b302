/**
 * The pod in whose log each request is, as short arrays by sequence number for each driver: a map would take ten times the memory, and a
 * single array would grow with the largest number in the log.
 */
import type { ServerRole } from '../../model/record.ts'
import { parseRequestKey } from '../facts/request-key.ts'
import type { ServedTable } from './served-table.ts'

/** In place of a pod's number: more than one pod logged the request. */
const severalPods = 0xffff
/** Number of consecutive sequence numbers in one array. */
const pageSize = 64

export interface PodsByRequest {
  /** The only pod whose log contains the request; `null` if none or several do. */
  findPod: (key: number) => string | null
}

/** From the logs of the servers in one role. */
export function indexPodsByRequest(served: ServedTable, role: ServerRole): PodsByRequest {
  const names: string[] = []
  const numbers = new Map<string, number>()
  const drivers = new Map<number, Map<number, Uint16Array>>()
  const getPage = (driver: number, seq: number): Uint16Array => {
    const pages = drivers.get(driver) ?? new Map<number, Uint16Array>()
    drivers.set(driver, pages)
    const number = Math.floor(seq / pageSize)
    const page = pages.get(number) ?? new Uint16Array(pageSize)
    pages.set(number, page)
    return page
  }
  const numberPod = (name: string): number => {
    const number = numbers.get(name) ?? names.push(name)
    numbers.set(name, number)
    // No log of a run has more pods; they count as several.
    return Math.min(number, severalPods)
  }
  for (let index = 0; index < served.size; index++) {
    const place = served.place(index)
    if (place.role !== role) continue
    const number = numberPod(place.pod)
    const { driver, seq } = parseRequestKey(served.key(index))
    const page = getPage(driver, seq)
    const known = page[seq % pageSize]
    page[seq % pageSize] = known === 0 || known === number ? number : severalPods
  }
  return {
    findPod(key) {
      const { driver, seq } = parseRequestKey(key)
      const number = drivers.get(driver)?.get(Math.floor(seq / pageSize))?.[seq % pageSize] ?? 0
      return number === severalPods ? null : (names[number - 1] ?? null)
    },
  }
}
