/** What the driver knows about a request while it handles it. */
import type { Lane } from '../../model/plan.ts'
import type { RequestOutcome } from '../../model/record.ts'
import type { RowValues } from './request-row.ts'

/** Times are in µs of the driver's clock; -1 stands for `null` in numbers. */
export class RequestState implements RowValues {
  readonly lane: Lane
  readonly connection: number
  seq = -1
  outcome: RequestOutcome = 'in-flight'
  dueUs = -1
  sentUs = -1
  connectedUs = -1
  firstByteUs = -1
  settledUs = -1
  status = -1
  use = 0
  idleUs = 0
  bytes = 0
  pod: string | null = null
  previousPod: string | null = null
  localPort = -1
  detail: string | null = null

  constructor(lane: Lane, connection = -1) {
    this.lane = lane
    this.connection = connection
  }

  /** Starts over with the next request on the connection. */
  start(seq: number, dueUs: number, sentUs: number): void {
    this.seq = seq
    this.outcome = 'in-flight'
    this.dueUs = dueUs
    this.sentUs = sentUs
    this.connectedUs = -1
    this.firstByteUs = -1
    this.settledUs = -1
    this.status = -1
    this.use++
    this.idleUs = 0
    this.bytes = 0
    this.previousPod = this.pod ?? this.previousPod
    this.pod = null
    this.detail = null
  }

  settle(outcome: RequestOutcome, atUs: number, detail: string | null): void {
    this.outcome = outcome
    this.settledUs = atUs
    this.detail = detail
  }
}
