/** What clients saw against what the servers' own logs have, joined by the request's id. */
import type { ServerRole } from '../model/record.ts'
import { servedFates } from '../model/servers.ts'
import type { Loss } from '../model/result.ts'
import type { ServedFate, ServerLog, ServersSaw } from '../model/servers.ts'
import type { Evidence } from './evidence.ts'
import { driverOf, placeOf } from './request-key.ts'
import type { RequestTable } from './request-table.ts'
import { dueOf } from './runs.ts'
import type { ServedTable } from './served-table.ts'

export interface ServerLogs {
  logs: ServerLog[]
  /** The servers that clients talk to: proxies where there are any. */
  front: ServerRole
  /** Names of the containers that hold them. */
  frontContainers: ReadonlySet<string>
}

/** `null` where no log was read, or none that has requests in it. */
export function serverLogsOf({ seen, served }: Evidence): ServerLogs | null {
  if (served.size === 0) return null
  const front = served.places.some(({ role }) => role === 'proxy') ? 'proxy' : 'application'
  const containers = served.places.filter(({ role }) => role === front).map(({ container }) => container)
  return { logs: logsOf(seen['log-read'], served), front, frontContainers: new Set(containers) }
}

export function serversSaw(evidence: Evidence, servers: ServerLogs, losses: readonly Loss[]): ServersSaw {
  const { requests, served, seen } = evidence
  const { logs, front, frontContainers } = servers
  const summarised = requests.summarised.keys()
  const ok = keysOf(requests, summarised, (index) => requests.isOk(index))
  const sent = keysOf(requests, summarised, (index) => requests.wasSent(index))
  const inFront = servedKeys(served, (index) => served.place(index).role === front)
  const found = new Tally(inFront)
  const fronts = logs.filter(({ container }) => frontContainers.has(container))
  const isReadWhole = fronts.length > 0 && fronts.every(({ complete }) => complete)
  const missing = ok.filter((key) => found.of(key) === 0)
  const unseen = isReadWhole ? missing.length - cutOff(missing, evidence, frontContainers) : 0
  const known = new Tally(sent)
  // Servers may have requests of which their driver has not told yet, or never could.
  const told = new Set(seen.end.filter(({ lost }) => lost === null).map(({ driver }) => driver))
  return {
    answered: count(ok, (key) => found.of(key) === 1),
    unseen,
    unread: missing.length - unseen,
    repeated: count(sent, (key) => found.of(key) > 1),
    hiddenFailures: hiddenFailures(served, new Tally(ok)),
    unexplained: count(
      servedKeys(served, () => true),
      (key) => told.has(driverOf(key)) && known.of(key) === 0,
    ),
    lost: lostFates(losses),
    logs,
  }
}

/** A server writes its line after it has answered: one that was told to stop just then may end first. */
const lastLineUs = 250_000

/** How many of these requests were answered by the time when a server that clients talk to ended. */
function cutOff(missing: Float64Array, { requests, seen }: Evidence, frontContainers: ReadonlySet<string>): number {
  const ends = seen.container.filter(({ moment, container }) => moment === 'exited' && frontContainers.has(container))
  const keys = new Set(missing)
  let found = 0
  const add = (fromUs: number, toUs: number): void => {
    if (ends.some(({ at, errorUs }) => fromUs - errorUs <= at && at <= toUs + errorUs + lastLineUs)) found++
  }
  for (const [index, key] of requests.keys().entries()) {
    if (keys.delete(key)) add(requests.settledUs(index), requests.settledUs(index))
  }
  // Of a request that is only counted it is known when it was due, and by when it had been answered.
  const { slowUs } = requests.summarised
  const runs = requests.summarised.runs()
  for (const key of keys) {
    const { driver, seq } = placeOf(key)
    const dueUs = dueOf(runs, driver, seq)
    if (dueUs !== null) add(dueUs, dueUs + slowUs)
  }
  return found
}

function logsOf(reads: Evidence['seen']['log-read'], served: ServedTable): ServerLog[] {
  const requests = new Map<string, number>()
  const name = (pod: string, container: string): string => JSON.stringify([pod, container])
  for (const { pod, container, lines } of served.places) {
    const key = name(pod, container)
    requests.set(key, (requests.get(key) ?? 0) + lines)
  }
  const logs = reads.map(({ pod, container, complete, why }): ServerLog => {
    const key = name(pod, container)
    const known = requests.get(key) ?? 0
    requests.delete(key)
    return { pod, container, requests: known, complete, why }
  })
  // What has no end in the event log was still being read when that ended.
  const open = [...requests].map(([key, known]): ServerLog => {
    const [pod, container] = JSON.parse(key) as [string, string]
    return { pod, container, requests: known, complete: false, why: 'the run ended before it was read' }
  })
  const byName = (a: ServerLog, b: ServerLog): number => (name(a.pod, a.container) < name(b.pod, b.container) ? -1 : 1)
  return [...logs, ...open].sort(byName)
}

/** nginx puts a comma between the answers of servers that it asked one after the other. */
function hiddenFailures(served: ServedTable, ok: Tally): number {
  let found = 0
  for (let index = 0; index < served.size; index++) {
    if (served.upstream(index)?.includes(',') && ok.of(served.key(index)) > 0) found++
  }
  return found
}

function lostFates(losses: readonly Loss[]): Record<ServedFate, number> {
  const counts = Object.fromEntries(servedFates.map((fate) => [fate, 0])) as Record<ServedFate, number>
  for (const { served } of losses) if (served) counts[served.fate]++
  return counts
}

/** How often each key occurs, asked in ascending order of keys: both are sorted, so nothing is searched for. */
class Tally {
  readonly #keys: Float64Array
  #place = 0

  constructor(keys: Float64Array) {
    this.#keys = keys
  }

  of(key: number): number {
    const keys = this.#keys
    if (this.#place > 0 && (keys[this.#place - 1] ?? 0) >= key) this.#place = 0
    while ((keys[this.#place] ?? Infinity) < key) this.#place++
    let times = 0
    while (keys[this.#place + times] === key) times++
    return times
  }
}

function count(keys: Float64Array, keep: (key: number) => boolean): number {
  let found = 0
  for (const key of keys) if (keep(key)) found++
  return found
}

function keysOf(requests: RequestTable, others: Float64Array, keep: (index: number) => boolean): Float64Array {
  const kept = requests.keys().filter((_, index) => keep(index))
  const keys = new Float64Array(kept.length + others.length)
  keys.set(kept)
  keys.set(others, kept.length)
  return keys.sort()
}

function servedKeys(served: ServedTable, keep: (index: number) => boolean): Float64Array {
  const keys = new Float64Array(served.size)
  let size = 0
  for (let index = 0; index < served.size; index++) if (keep(index)) keys[size++] = served.key(index)
  return keys.subarray(0, size).sort()
}
