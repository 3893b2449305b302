/** Removes requests from a log so that no number is missing. */
import { computeLaneRates, buildSchedule } from '../../model/load/schedule.ts'
import type { DriverHealth, RequestRecord, AccessLogEntry } from '../../model/record.ts'
import { mapRecords, listRequests } from './mutation.ts'
import type { RecordOf, RunLog } from './mutation.ts'

export interface Renumbering {
  /** Also adapts the servers' logs and the driver's reports. */
  thorough?: boolean
  /** Gives requests the lanes of the plan at their new numbers. */
  lanes?: boolean
}

/** The log without some requests: later ones of the same driver move up, and its end reports correspondingly fewer planned ones. */
export function removeRequests(
  log: RunLog,
  drop: (request: RequestRecord) => boolean,
  { thorough = false, lanes = false }: Renumbering = {},
): RunLog | null {
  const { drivers } = log.plan
  const gone = listRequests(log).filter(drop)
  if (gone.length === 0) return null
  const places = new Map<number, Set<number>>()
  const above = new Map<number, Uint32Array>()
  for (let driver = 0; driver < drivers; driver++) {
    const own = new Set(gone.filter((request) => request.driver === driver).map(({ seq }) => seq))
    places.set(driver, own)
    above.set(driver, countBelow(own, listRequests(log)))
  }
  const { load } = log.plan.scenario
  const laneOf = buildSchedule({ seed: log.plan.seed, driver: 0, drivers: 1, ...computeLaneRates(load, true) }).lane
  const renumberSeq = (driver: number, seq: number): number => {
    return seq - (above.get(driver)?.[seq] ?? 0) * drivers
  }
  const countRemoved = (driver: number): number => places.get(driver)?.size ?? 0
  const all = Map.groupBy(listRequests(log), ({ driver }) => driver)
  const countSettled = (driver: number): number => (all.get(driver)?.length ?? 0) - countRemoved(driver)
  const renumberLines = (record: RecordOf<'served'>): AccessLogEntry[] =>
    record.lines
      .filter(({ seq }) => !places.get(record.driver)?.has(seq))
      .map((line) => ({ ...line, seq: renumberSeq(record.driver, line.seq) }))
  return mapRecords(log, (record) => {
    if (record.type === 'request') {
      const { request } = record
      const seq = renumberSeq(request.driver, request.seq)
      return drop(request)
        ? null
        : { type: 'request', request: { ...request, seq, lane: lanes ? laneOf(seq) : request.lane } }
    }
    if (record.type === 'end') return { ...record, planned: record.planned - countRemoved(record.driver) }
    if (!thorough) return record
    if (record.type === 'driver') return { ...record, health: capHealth(record.health, countSettled(record.driver)) }
    if (record.type === 'served') return { ...record, lines: renumberLines(record) }
    return record.type === 'log-read' ? { ...record, requests: null } : record
  })
}

/** A driver's report with at most this number of planned requests. */
function capHealth(health: DriverHealth, most: number): DriverHealth {
  const planned = Math.min(health.planned, most)
  return {
    ...health,
    planned,
    settled: planned - Math.min(planned, health.inFlight),
    inFlight: Math.min(planned, health.inFlight),
  }
}

/** For each number, how many of `places` are below it. */
function countBelow(places: ReadonlySet<number>, requests: readonly RequestRecord[]): Uint32Array {
  const last = requests.reduce((most, { seq }) => Math.max(most, seq), 0)
  const below = new Uint32Array(last + 2)
  for (let seq = 0; seq <= last; seq++) below[seq + 1] = (below[seq] ?? 0) + (places.has(seq) ? 1 : 0)
  return below
}
