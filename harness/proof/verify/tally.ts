/** The driver's records, compared with the fault server's knowledge: request by request, class by class. Pure. */
import type { Outcome, RequestRecord } from '../../model/record.ts'
import { faultKinds, faultNames } from '../faults/fault-kinds.ts'
import type { FaultName } from '../faults/fault-kinds.ts'
import { parseRequestNumber } from '../faults/fault-mix.ts'
import type { TruthLine } from './truth-log.ts'

/** In addition to the kinds of fault: requests whose connection the server had ended, or never got. */
export type TallyRowName = FaultName | 'cut-at-accept' | 'connection-already-ended' | 'turned-away'
const rowNames: readonly TallyRowName[] = [...faultNames, 'cut-at-accept', 'connection-already-ended', 'turned-away']
/** The server ended the connection while the request was on its way, so it may have met a FIN or a RST. */
const eitherEnd: readonly Outcome[] = ['closed-before-response', 'reset-before-response']

const turnedAway: readonly Outcome[] = ['connect-timeout']

/** The error of aligning the clocks of records and server, plus the time of a byte between them. */
const slackUs = 20_000

export interface TallyOptions {
  /** 0 of the records on the server's clock, in µs. */
  originUs: number
  /** The driver's limit for a response's headers. */
  timeoutUs: number
}

/** New or reused connection, by method. */
export const cells = ['new GET', 'reused GET', 'new POST', 'reused POST'] as const
export type TallyCell = (typeof cells)[number]

export interface TallyRow {
  kind: TallyRowName
  /** The outcomes that are right. */
  right: readonly Outcome[]
  /** Number of requests that met it, in each cell. */
  cells: Record<TallyCell, number>
  injected: number
  /** The driver's outcomes. */
  counted: Partial<Record<RequestRecord['outcome'], number>>
  wrong: number
}

export interface TallySums {
  planned: number
  sent: number
  ok: number
  lost: number
  notSent: number
  /** Requests that the driver rightly gave up, because the machine prevented the server from reading or answering them in time. */
  tooLate: number
  /** Planned requests without exactly one record, records of unplanned ones, and unknown requests. */
  accountingError: number
  /** Records whose outcome, place on the connection or port differs from the server's. */
  misclassified: number
  /** How often the server got a request again. */
  duplicates: number
}

export class Tally {
  readonly rows: TallyRow[] = rowNames.map((kind) => createRow(kind))
  /** The first few wrong records, for people. */
  readonly examples: string[] = []
  readonly #limit: number
  readonly #options: TallyOptions
  /** When the server stalled, and when its accept queue was full, on the clock of the records. */
  readonly #spans: Record<'still' | 'full', { fromUs: number; toUs: number }[]> = { still: [], full: [] }
  /** By number of the request: how often the server got it, and as which kind. */
  readonly #seen: Uint8Array
  readonly #fault: Uint8Array
  readonly #use: Uint16Array
  readonly #port: Uint16Array
  /** When the server took it up, on the clock of the records. */
  readonly #atUs: Float64Array
  readonly #recorded: Uint8Array
  /** Connections cut on accept that no record has reported yet, by the client's port. */
  readonly #cutPorts = new Map<number, number[]>()
  /** Number of records of connections that were reset before the driver knew its own port. */
  #withoutPort = 0
  /** Connections of the driver that the server ended without the client noticing, by number. */
  readonly #ended = new Set<number>()
  #sums = { sent: 0, ok: 0, notSent: 0, tooLate: 0, accountingError: 0, misclassified: 0, duplicates: 0 }

  /** `limit`: all requests have smaller numbers. */
  constructor(limit: number, options: TallyOptions) {
    this.#limit = limit
    this.#options = options
    this.#atUs = new Float64Array(limit).fill(Number.NaN)
    this.#seen = new Uint8Array(limit)
    this.#fault = new Uint8Array(limit)
    this.#use = new Uint16Array(limit)
    this.#port = new Uint16Array(limit)
    this.#recorded = new Uint8Array(limit)
  }

  /** Adds the server's log, all of it before any record. */
  addTruth(line: TruthLine): void {
    const { originUs } = this.#options
    if (line.type === 'cut-at-accept') {
      const cuts = this.#cutPorts.get(line.remotePort) ?? []
      this.#cutPorts.set(line.remotePort, [...cuts, line.atUs - originUs])
      return
    }
    if (line.type === 'still' || line.type === 'full') {
      this.#spans[line.type].push({ fromUs: line.fromUs - originUs, toUs: line.toUs - originUs })
      return
    }
    const number = parseRequestNumber(line.id)
    // The probe of the server is not part of the load.
    if (number < 0) return
    if (number >= this.#limit) this.#sums.accountingError++
    else if (this.#seen[number]! > 0) this.#sums.duplicates++
    else this.#see(number, line)
  }

  #see(number: number, line: TruthLine & { type: 'served' }): void {
    this.#seen[number] = 1
    this.#fault[number] = rowNames.indexOf(line.answered ? line.fault : 'connection-already-ended')
    this.#use[number] = line.use
    this.#port[number] = line.remotePort
    this.#atUs[number] = line.atUs - this.#options.originUs
  }

  /** When the server took a request up, or cut its connection, on the clock of the records; `null` if it did neither. */
  getReceivedUs(seq: number): number | null {
    const atUs = this.#atUs[seq]!
    return Number.isNaN(atUs) ? null : atUs
  }

  /** Adds the driver's records, in the order of its log. */
  addRecord(record: RequestRecord): void {
    const { seq, outcome } = record
    if (seq >= this.#limit || this.#recorded[seq]!++ > 0) {
      this.#sums.accountingError++
      return
    }
    if (outcome === 'overload' || outcome === 'stopped') {
      this.#sums.notSent++
      if (this.#seen[seq]! > 0) this.#sums.accountingError++
      return
    }
    this.#sums.sent++
    if (outcome === 'ok') this.#sums.ok++
    this.#judge(record, this.#rowOf(record))
  }

  #rowOf(record: RequestRecord): TallyRow | null {
    const { seq, use, connection, localPort } = record
    if (this.#seen[seq]! > 0) {
      const row = this.rows[this.#fault[seq]!]!
      if (connection !== null && endsUnseen(row.kind)) this.#ended.add(connection)
      return row
    }
    if (this.#isTurnedAway(record)) return this.#row('turned-away')
    // The server never read it: it had ended the connection before, or cut it at once.
    if (use > 1) return this.#ended.has(connection ?? -1) ? this.#row('connection-already-ended') : null
    if (localPort === null) {
      this.#withoutPort++
      return this.#row('cut-at-accept')
    }
    const cutUs = this.#cutPorts.get(localPort)?.shift()
    if (cutUs === undefined) return null
    this.#atUs[seq] = cutUs
    return this.#row('cut-at-accept')
  }

  #row(kind: TallyRowName): TallyRow {
    return this.rows[rowNames.indexOf(kind)]!
  }

  #judge(record: RequestRecord, row: TallyRow | null): void {
    const { seq, outcome, use, localPort } = record
    const seen = this.#seen[seq]! > 0
    const place = !seen || (use === this.#use[seq] && localPort === this.#port[seq])
    const late = this.#isTooLate(record) || row?.kind === 'turned-away'
    if (late) this.#sums.tooLate++
    const right = row !== null && place && (late || row.right.includes(outcome as Outcome))
    if (row) {
      row.injected++
      row.cells[findCell(record)]++
      row.counted[outcome] = (row.counted[outcome] ?? 0) + 1
      if (!right) row.wrong++
    }
    if (right) return
    this.#sums.misclassified++
    if (this.examples.length < 10) {
      const said = `${outcome}${record.detail === null ? '' : ` (${record.detail})`}, use ${use} of its connection`
      this.examples.push(`request ${seq}: the server says ${row?.kind ?? 'it never came'}, the driver ${said}`)
    }
  }

  /** Whether the server took a request up after its time limit, or stalled after that. */
  #isTooLate({ seq, outcome, sentUs, connectedUs, settledUs }: RequestRecord): boolean {
    if (outcome !== 'timeout-headers' && outcome !== 'timeout-body') return false
    const fromUs = this.getReceivedUs(seq) ?? sentUs ?? 0
    const lastUs = (connectedUs ?? sentUs ?? 0) + this.#options.timeoutUs
    if (fromUs > lastUs - slackUs) return true
    return this.#spans.still.some((still) => still.fromUs < settledUs && still.toUs > fromUs)
  }

  /** Whether a request's connection failed at a time when the machine rejected connections. */
  #isTurnedAway({ outcome, sentUs, settledUs }: RequestRecord): boolean {
    if (outcome !== 'connect-timeout') return false
    return this.#spans.full.some((full) => full.fromUs < settledUs && full.toUs > (sentUs ?? 0))
  }

  /** The sums, once everything has been added. */
  computeSums(planned: number): TallySums {
    let missing = 0
    for (let seq = 0; seq < planned; seq++) if (this.#recorded[seq] === 0) missing++
    const { sent, ok, notSent, tooLate, duplicates } = this.#sums
    // Records without a port can only belong to connections that were cut and not claimed by other records.
    const unclaimed = this.#cutPorts.values().reduce((sum, cuts) => sum + cuts.length, 0)
    const misclassified = this.#sums.misclassified + Math.max(0, this.#withoutPort - unclaimed)
    const accountingError = this.#sums.accountingError + missing + Math.abs(planned - sent - notSent - missing)
    return { planned, sent, ok, lost: sent - ok, notSent, tooLate, accountingError, misclassified, duplicates }
  }
}

function isFaultName(kind: TallyRowName): kind is FaultName {
  return kind in faultKinds
}

/** Whether a client that got its answer may reuse the connection, although the server ends it. */
function endsUnseen(kind: TallyRowName): boolean {
  if (!isFaultName(kind)) return false
  return faultKinds[kind].outcome === 'ok' && !faultKinds[kind].keeps
}

function findCell({ use, lane }: RequestRecord): TallyCell {
  if (lane === 'reused-post') return use === 1 ? 'new POST' : 'reused POST'
  return use === 1 ? 'new GET' : 'reused GET'
}

function createRow(kind: TallyRowName): TallyRow {
  const right = isFaultName(kind) ? [faultKinds[kind].outcome] : kind === 'turned-away' ? turnedAway : eitherEnd
  const none = { 'new GET': 0, 'reused GET': 0, 'new POST': 0, 'reused POST': 0 }
  return { kind, right, cells: none, injected: 0, counted: {}, wrong: 0 }
}
