/** Compares what clients saw with the servers' own logs, joined by the request's id. */
import type { ServerRole } from '../../model/record.ts'
import { servedFates } from '../../model/server-logs.ts'
import type { Loss } from '../../model/result.ts'
import type { ServedFate, ServerLogCoverage, ServerLogFindings } from '../../model/server-logs.ts'
import type { Evidence } from '../facts/evidence.ts'
import { getDriver } from '../facts/request-key.ts'
import { indexPodsByRequest } from './served-pods.ts'
import { SentKeys, KeyCounter, findFrontRole, splitServedKeys } from './served-join.ts'
import type { ServedTable } from './served-table.ts'

export interface ServerLogs {
  logs: ServerLogCoverage[]
  /** The role of the servers that clients talk to. */
  front: ServerRole
  /** The names of their containers. */
  frontContainers: ReadonlySet<string>
}

/** `null` if no log with requests was read. */
export function collectServerLogs({ seen, served }: Evidence, frontContainer: string): ServerLogs | null {
  if (served.size === 0) return null
  const front = findFrontRole(served, frontContainer)
  const containers = served.places.filter(({ role }) => role === front).map(({ container }) => container)
  return { logs: listServerLogs(seen['log-read'], served), front, frontContainers: new Set(containers) }
}

export function summarizeServers(evidence: Evidence, servers: ServerLogs, losses: readonly Loss[]): ServerLogFindings {
  const { requests, served, seen } = evidence
  const { logs, front, frontContainers } = servers
  const fronts = logs.filter(({ container }) => frontContainers.has(container))
  const isReadWhole = fronts.length > 0 && fronts.every(({ complete }) => complete)
  const sent = new SentKeys(requests)
  const [inFront, behind] = splitServedKeys(served, (index) => served.place(index).role === front)
  const found = new KeyCounter(inFront)
  const missing = new MissingLines(evidence, frontContainers)
  let [answered, absent, repeated] = [0, 0, 0]
  sent.forEachOk((key, dueUs) => {
    const times = found.countOf(key)
    if (times === 1) answered++
    else if (times > 1) repeated++
    else absent++
    if (times === 0 && isReadWhole) missing.add(key, dueUs)
  })
  sent.forEachFailed((key) => {
    if (found.countOf(key) > 1) repeated++
  })
  const unseen = isReadWhole ? absent - missing.countCutOff() : 0
  // Servers may have logged requests that their driver has not reported yet, or never could.
  const ended = new Set(seen.end.filter(({ lost }) => lost === null).map(({ driver }) => driver))
  const isUnknownRequest = (key: number): boolean => ended.has(getDriver(key)) && !sent.has(key)
  return {
    answered,
    unseen,
    unread: absent - unseen,
    repeated,
    elsewhere: countAnsweredElsewhere(evidence, front),
    missingLines: countMissingLines(seen['log-read'], served),
    hiddenFailures: countKeys(listHiddenRetries(served), (key) => sent.hasOk(key)),
    unexplained: countKeys(inFront, isUnknownRequest) + countKeys(behind, isUnknownRequest),
    lost: countLostFates(losses),
    logs,
  }
}

/**
 * Number of requests answered well whose answer names one pod while only servers of another pod logged them. Only for requests that the
 * event log keeps as records.
 */
function countAnsweredElsewhere({ requests, served }: Evidence, front: ServerRole): number {
  const pods = indexPodsByRequest(served, front)
  let elsewhere = 0
  for (const [index, key] of requests.keys().entries()) {
    const pod = requests.isOk(index) ? requests.pod(index) : null
    const logged = pod === null ? null : pods.findPod(key)
    if (logged !== null && logged !== pod) elsewhere++
  }
  return elsewhere
}

/** By how many lines the `served` records of the event log differ from the number read of each log, by the record at its end. */
function countMissingLines(reads: Evidence['seen']['log-read'], served: ServedTable): number {
  const lines = countLinesByLog(served)
  return reads.reduce((missing, { pod, container, requests }) => {
    return requests === null ? missing : missing + Math.abs(requests - (lines.get(formatLogKey(pod, container)) ?? 0))
  }, 0)
}

const formatLogKey = (pod: string, container: string): string => JSON.stringify([pod, container])

function countLinesByLog(served: ServedTable): Map<string, number> {
  const lines = new Map<string, number>()
  for (const { pod, container, lines: own } of served.places) {
    const key = formatLogKey(pod, container)
    lines.set(key, (lines.get(key) ?? 0) + own)
  }
  return lines
}

/** A server writes its line after the answer: one that was stopped just then may end first. */
const lastLineUs = 250_000

/** Requests that were answered well but are in no log of the servers that clients talk to. */
class MissingLines {
  readonly #requests: Evidence['requests']
  readonly #ends: Evidence['seen']['container']
  readonly #keys = new Set<number>()
  #cutOff = 0

  constructor({ requests, seen }: Evidence, frontContainers: ReadonlySet<string>) {
    this.#requests = requests
    this.#ends = seen.container.filter(({ moment, container }) => moment === 'exited' && frontContainers.has(container))
  }

  /** For a request that is only counted, its due time and the latest time of its answer are known. */
  add(key: number, dueUs: number | null): void {
    if (dueUs === null) this.#keys.add(key)
    else this.#addAnswered(dueUs, dueUs + this.#requests.aggregated.slowUs)
  }

  /** The number of these that were answered by the time a server that clients talk to ended. */
  countCutOff(): number {
    for (const [index, key] of this.#requests.keys().entries()) {
      const settledUs = this.#requests.settledUs(index)
      if (this.#keys.delete(key)) this.#addAnswered(settledUs, settledUs)
    }
    return this.#cutOff
  }

  #addAnswered(fromUs: number, toUs: number): void {
    const isNearLogEnd = ({ at, errorUs }: { at: number; errorUs: number }): boolean =>
      fromUs - errorUs <= at && at <= toUs + errorUs + lastLineUs
    if (this.#ends.some(isNearLogEnd)) this.#cutOff++
  }
}

function listServerLogs(reads: Evidence['seen']['log-read'], served: ServedTable): ServerLogCoverage[] {
  const requests = countLinesByLog(served)
  const logs = reads.map(({ pod, container, complete, why }): ServerLogCoverage => {
    const key = formatLogKey(pod, container)
    const known = requests.get(key) ?? 0
    requests.delete(key)
    return { pod, container, requests: known, complete, why }
  })
  // A log without an end in the event log was still being read when that ended.
  const open = [...requests].map(([key, known]): ServerLogCoverage => {
    const [pod, container] = JSON.parse(key) as [string, string]
    return { pod, container, requests: known, complete: false, why: 'the run ended before it was read' }
  })
  const compareByName = (a: ServerLogCoverage, b: ServerLogCoverage): number =>
    formatLogKey(a.pod, a.container) < formatLogKey(b.pod, b.container) ? -1 : 1
  return [...logs, ...open].sort(compareByName)
}

/** The requests whose lines contain a server's failure hidden by another server's answer: both are there, separated by a comma. */
function listHiddenRetries(served: ServedTable): Float64Array {
  const hidden = [...served.listUpstreams()].filter(([, upstream]) => upstream.includes(','))
  return Float64Array.from(hidden, ([index]) => served.key(index)).sort()
}

function countLostFates(losses: readonly Loss[]): Record<ServedFate, number> {
  const counts = Object.fromEntries(servedFates.map((fate) => [fate, 0])) as Record<ServedFate, number>
  for (const { served } of losses) if (served) counts[served.fate]++
  return counts
}

function countKeys(keys: Float64Array, keep: (key: number) => boolean): number {
  let found = 0
  for (const key of keys) if (keep(key)) found++
  return found
}
