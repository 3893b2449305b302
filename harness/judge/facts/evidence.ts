/** One pass over an event log: requests as columns, lost ones as records, and all other records by kind and time. */
import { notSentReasons } from '../../model/record.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Step } from '../../model/step.ts'
import { countSamples } from '../../model/histogram.ts'
import type { RequestSummary } from '../../model/request-summary.ts'
import { createRequestLookup } from '../../model/load/request-choice.ts'
import type { RequestLookup } from '../../model/load/request-choice.ts'
import { isContradictory } from './contradictions.ts'
import { hasWaitedForConnection } from './syn-retry.ts'
import { RequestTable } from './request-table.ts'
import { ServedTable } from '../servers/served-table.ts'
import { PortTimes } from '../tracking/port-times.ts'
import { TranslationTable } from '../tracking/translation-table.ts'

/** Records in any order. `torn` is read after the last of them. */
export type RecordedLog = (Iterable<LogRecord> | AsyncIterable<LogRecord>) & { readonly torn: boolean }

export type RecordOf<T extends LogRecord['type']> = Extract<LogRecord, { type: T }>

type OtherType = Exclude<LogRecord['type'], 'request' | 'summary' | 'served' | 'translation'>

export interface Evidence {
  /** Planned requests of the workload. */
  requests: RequestTable
  /** Planned requests to the pod that nothing disrupts: they are not in the workload's figures. */
  control: RequestTable
  /** Every request that was sent and is not `ok`, by due time. */
  lost: RequestRecord[]
  /** When requests were sent whose connection was made only after a SYN was retransmitted. */
  waiters: number[]
  /** Number of `ok` responses that only the end of their connection completed. */
  endedByClose: number
  /** Requests in servers' logs. */
  served: ServedTable
  /** When connections to the workload were opened, and from which port. */
  openings: PortTimes
  /** To which address the kernel sent new connections. */
  translations: TranslationTable
  /** New connections of the ingress controller's pods. */
  controllerConnections: RecordOf<'translation'>[]
  /** Number of requests of any lane whose record cannot be true: settled before it was sent, `ok` with a status of 503. */
  contradictory: number
  /** For each pod, when the first and the last request it answered well were sent, on any connection, and their number. */
  answered: Map<string, Answered>
  /** The same for the lane `control`. */
  controlAnswered: Map<string, Answered>
  /** For each pod, when the first and the last request it answered well on a new connection were sent. */
  fresh: Map<string, { firstSentUs: number; lastSentUs: number }>
  /** For each pod, when the last new connection was made on which it answered in any way. */
  reached: Map<string, number>
  /** All other records, by kind, in order of arrival. */
  seen: { [T in OtherType]: RecordOf<T>[] }
  /** The largest time in the log. */
  lastUs: number
  torn: boolean
}

export interface Answered {
  firstSentUs: number
  lastSentUs: number
  count: number
}

/** `lookUp`: the content of each request; by default none expects anything but a 2xx. */
export async function collectEvidence(
  log: RecordedLog,
  lookUp: RequestLookup = createRequestLookup({}, 0),
): Promise<Evidence> {
  const evidence = createEvidence()
  for await (const record of log) {
    if (record.type === 'request') addRequest(evidence, record.request, lookUp)
    else if (record.type === 'summary') addSummary(evidence, record.summary)
    else if (record.type === 'served') addServed(evidence, record)
    else if (record.type === 'translation') addTranslations(evidence, record)
    else addOther(evidence, record)
  }
  evidence.torn = log.torn
  evidence.lost.sort((a, b) => a.dueUs - b.dueUs || a.driver - b.driver || a.seq - b.seq)
  for (const records of Object.values(evidence.seen)) records.sort((a, b) => a.t - b.t)
  return evidence
}

/** When a step was first taken; `null` if it never was. */
export function findStepUs({ seen }: Evidence, ...names: Step[]): number | null {
  return seen.step.find(({ step }) => names.includes(step))?.t ?? null
}

const neverSent: ReadonlySet<string> = new Set(notSentReasons)

function createEvidence(): Evidence {
  return {
    requests: new RequestTable(),
    control: new RequestTable(),
    lost: [],
    waiters: [],
    endedByClose: 0,
    contradictory: 0,
    answered: new Map(),
    controlAnswered: new Map(),
    served: new ServedTable(),
    openings: new PortTimes(),
    translations: new TranslationTable(),
    controllerConnections: [],
    fresh: new Map(),
    reached: new Map(),
    seen: {
      begin: [],
      deployed: [],
      step: [],
      pod: [],
      endpoints: [],
      container: [],
      'log-read': [],
      programmed: [],
      network: [],
      event: [],
      eviction: [],
      gap: [],
      tracking: [],
      clock: [],
      driver: [],
      end: [],
    },
    lastUs: 0,
    torn: false,
  }
}

function addRequest(evidence: Evidence, request: RequestRecord, lookUp: RequestLookup): void {
  const { driver, lane, outcome, pod, use, localPort, sentUs, connectedUs, settledUs, detail } = request
  if (settledUs > evidence.lastUs) evidence.lastUs = settledUs
  if (isContradictory(request, lookUp(request).accepts)) evidence.contradictory++
  if (outcome === 'ok' && pod !== null && sentUs !== null) {
    countAnswered(lane === 'control' ? evidence.controlAnswered : evidence.answered, pod, sentUs)
  }
  if (lane === 'control') {
    evidence.control.add(request)
    return
  }
  evidence.requests.add(request)
  if (use === 1 && sentUs !== null && localPort !== null) evidence.openings.add(driver, localPort, sentUs)
  if (neverSent.has(outcome)) return
  // An `ok` request has no other detail than this.
  if (outcome === 'ok' && detail !== null) evidence.endedByClose++
  if (outcome !== 'ok') evidence.lost.push(request)
  if (hasWaitedForConnection(request)) evidence.waiters.push(request.sentUs!)
  if (pod === null || use !== 1) return
  if (connectedUs !== null) noteConnected(evidence, pod, connectedUs)
  if (outcome === 'ok' && sentUs !== null) noteAnsweredFresh(evidence.fresh, pod, sentUs)
}

/** The requests of a summary are all of the lane `control`, or none is. */
function addSummary(evidence: Evidence, summary: RequestSummary): void {
  const { settledUs, groups } = summary
  if (settledUs > evidence.lastUs) evidence.lastUs = settledUs
  const isControl = groups[0]?.lane === 'control'
  for (const { pod, latency } of groups) {
    if (pod === null) continue
    const of = isControl ? evidence.controlAnswered : evidence.answered
    countAnswered(of, pod, summary.firstDueUs, summary.lastDueUs, countSamples(latency))
  }
  if (isControl) {
    evidence.control.aggregated.add(summary)
    return
  }
  evidence.requests.aggregated.add(summary)
  for (const { pod, fresh } of groups) {
    if (pod === null || fresh === null) continue
    noteConnected(evidence, pod, fresh.lastConnectedUs)
    noteAnsweredFresh(evidence.fresh, pod, fresh.firstSentUs)
    noteAnsweredFresh(evidence.fresh, pod, fresh.lastSentUs)
  }
}

// oxlint-disable-next-line max-params -- called for each request: no object is made for it
function countAnswered(of: Evidence['answered'], pod: string, firstUs: number, lastUs = firstUs, count = 1): void {
  const known = of.get(pod)
  if (known === undefined) {
    of.set(pod, { firstSentUs: firstUs, lastSentUs: lastUs, count })
    return
  }
  known.firstSentUs = Math.min(known.firstSentUs, firstUs)
  known.lastSentUs = Math.max(known.lastSentUs, lastUs)
  known.count += count
}

function noteConnected(evidence: Evidence, pod: string, connectedUs: number): void {
  evidence.reached.set(pod, Math.max(connectedUs, evidence.reached.get(pod) ?? connectedUs))
}

function noteAnsweredFresh(fresh: Evidence['fresh'], pod: string, sentUs: number): void {
  const known = fresh.get(pod)
  if (known === undefined) {
    fresh.set(pod, { firstSentUs: sentUs, lastSentUs: sentUs })
    return
  }
  if (sentUs < known.firstSentUs) known.firstSentUs = sentUs
  if (sentUs > known.lastSentUs) known.lastSentUs = sentUs
}

function addServed(evidence: Evidence, record: RecordOf<'served'>): void {
  evidence.served.add(record)
  if (record.t > evidence.lastUs) evidence.lastUs = record.t
}

function addTranslations(evidence: Evidence, record: RecordOf<'translation'>): void {
  if (record.hop === 'controller') evidence.controllerConnections.push(record)
  else evidence.translations.add(record)
  if (record.t > evidence.lastUs) evidence.lastUs = record.t
}

function addOther(evidence: Evidence, record: RecordOf<OtherType>): void {
  ;(evidence.seen[record.type] as LogRecord[]).push(record)
  if (record.t > evidence.lastUs) evidence.lastUs = record.t
}
