/** Requests that are taken out of a log so that no number is missing. */
import { ratesOf, schedule } from '../../model/schedule.ts'
import type { DriverHealth, RequestRecord, ServedLine } from '../../model/record.ts'
import { changed, requestsIn } from './mutation.ts'
import type { RecordOf, RunLog } from './mutation.ts'

export interface Renumbering {
  /** Also what the servers' logs and the driver's reports say is made to agree. */
  thorough?: boolean
  /** The lanes are those that the plan has at the new numbers. */
  lanes?: boolean
}

/** The log without some requests: the later ones of the same driver move up, and its end says that so many fewer were planned. */
export function without(
  log: RunLog,
  drop: (request: RequestRecord) => boolean,
  { thorough = false, lanes = false }: Renumbering = {},
): RunLog | null {
  const { drivers } = log.plan
  const gone = requestsIn(log).filter(drop)
  if (gone.length === 0) return null
  const places = new Map<number, Set<number>>()
  const above = new Map<number, Uint32Array>()
  for (let driver = 0; driver < drivers; driver++) {
    const own = new Set(gone.filter((request) => request.driver === driver).map(({ seq }) => seq))
    places.set(driver, own)
    above.set(driver, countedBelow(own, requestsIn(log)))
  }
  const { load } = log.plan.scenario
  const laneOf = schedule({ seed: log.plan.seed, driver: 0, drivers: 1, ...ratesOf(load, true) }).lane
  const moved = (driver: number, seq: number): number => {
    return seq - (above.get(driver)?.[seq] ?? 0) * drivers
  }
  const lost = (driver: number): number => places.get(driver)?.size ?? 0
  const all = Map.groupBy(requestsIn(log), ({ driver }) => driver)
  const settled = (driver: number): number => (all.get(driver)?.length ?? 0) - lost(driver)
  const lines = (record: RecordOf<'served'>): ServedLine[] =>
    record.lines
      .filter(({ seq }) => !places.get(record.driver)?.has(seq))
      .map((line) => ({ ...line, seq: moved(record.driver, line.seq) }))
  return changed(log, (record) => {
    if (record.type === 'request') {
      const { request } = record
      const seq = moved(request.driver, request.seq)
      return drop(request)
        ? null
        : { type: 'request', request: { ...request, seq, lane: lanes ? laneOf(seq) : request.lane } }
    }
    if (record.type === 'end') return { ...record, planned: record.planned - lost(record.driver) }
    if (!thorough) return record
    if (record.type === 'driver') return { ...record, health: atMost(record.health, settled(record.driver)) }
    if (record.type === 'served') return { ...record, lines: lines(record) }
    return record.type === 'log-read' ? { ...record, requests: null } : record
  })
}

/** A report of a driver that has planned so many in the end. */
function atMost(health: DriverHealth, most: number): DriverHealth {
  const planned = Math.min(health.planned, most)
  return {
    ...health,
    planned,
    settled: planned - Math.min(planned, health.inFlight),
    inFlight: Math.min(planned, health.inFlight),
  }
}

/** For each number how many of `places` are below it. */
function countedBelow(places: ReadonlySet<number>, requests: readonly RequestRecord[]): Uint32Array {
  const last = requests.reduce((most, { seq }) => Math.max(most, seq), 0)
  const below = new Uint32Array(last + 2)
  for (let seq = 0; seq <= last; seq++) below[seq + 1] = (below[seq] ?? 0) + (places.has(seq) ? 1 : 0)
  return below
}
