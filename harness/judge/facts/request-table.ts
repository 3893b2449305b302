/** The facts of each request that the figures need, in columns: a million requests take 36 MB instead of 400. */
import { lanes } from '../../model/plan.ts'
import { notSentReasons, outcomes } from '../../model/record.ts'
import type { RequestRecord } from '../../model/record.ts'
import { growColumn } from './grow-column.ts'
import { getDriver, toRequestKey } from './request-key.ts'
import { AggregatedRequests } from './aggregated-requests.ts'

/** Every way in which a planned request can end; `fate` in the table is an index into this list. */
export const fates: readonly RequestRecord['outcome'][] = [...outcomes, ...notSentReasons]
const fateNumbers = new Map(fates.map((fate, number) => [fate, number]))
const laneNumbers = new Map(lanes.map((lane, number) => [lane, number]))
const okFate = fates.indexOf('ok')
export class RequestTable {
  /** Requests that the log only counts; they are not in the columns. */
  readonly aggregated: AggregatedRequests = new AggregatedRequests()
  #size = 0
  #due = new Float64Array(1024)
  #settled = new Float64Array(1024)
  /** Sent minus due. */
  #lag = new Float64Array(1024)
  #key = new Float64Array(1024)
  #lane = new Uint8Array(1024)
  #fate = new Uint8Array(1024)
  #pod = new Uint32Array(1024)
  /** 0 if there is none. */
  #port = new Uint16Array(1024)
  readonly #pods: string[] = []
  readonly #podNumbers = new Map<string, number>()

  /** Number of requests in the columns. */
  get size(): number {
    return this.#size
  }

  /** Number of all requests. */
  get total(): number {
    return this.#size + this.aggregated.size
  }

  add(request: RequestRecord): void {
    if (this.#size === this.#due.length) this.#grow()
    const index = this.#size++
    this.#due[index] = request.dueUs
    this.#settled[index] = request.settledUs
    this.#lag[index] = request.sentUs === null ? 0 : request.sentUs - request.dueUs
    this.#key[index] = toRequestKey(request.driver, request.seq)
    this.#lane[index] = laneNumbers.get(request.lane) ?? 0
    this.#fate[index] = fateNumbers.get(request.outcome) ?? 0
    this.#port[index] = request.localPort ?? 0
    this.#pod[index] = request.pod === null ? 0 : this.#numberPod(request.pod)
  }

  dueUs(index: number): number {
    return this.#due[index] ?? 0
  }

  settledUs(index: number): number {
    return this.#settled[index] ?? 0
  }

  /** From the instant the request was due to its end, so that a stall of the sender counts as a user would notice it. */
  latencyUs(index: number): number {
    return (this.#settled[index] ?? 0) - (this.#due[index] ?? 0)
  }

  lagUs(index: number): number {
    return this.#lag[index] ?? 0
  }

  /** When the request was sent; its due time if it never was. */
  sentUs(index: number): number {
    return (this.#due[index] ?? 0) + (this.#lag[index] ?? 0)
  }

  /** The pod that answered. */
  pod(index: number): string | null {
    return this.#pods[(this.#pod[index] ?? 0) - 1] ?? null
  }

  /** The local port of its connection; `null` if it got none. */
  localPort(index: number): number | null {
    return this.#port[index] || null
  }

  driver(index: number): number {
    return getDriver(this.#key[index] ?? 0)
  }

  lane(index: number): number {
    return this.#lane[index] ?? 0
  }

  /** An index into `fates`. */
  fate(index: number): number {
    return this.#fate[index] ?? 0
  }

  isOk(index: number): boolean {
    return this.#fate[index] === okFate
  }

  wasSent(index: number): boolean {
    return (this.#fate[index] ?? 0) < outcomes.length
  }

  /** How many requests were due in `[fromUs, toUs)`, whether they were sent or not. */
  countDue(fromUs: number, toUs: number): number {
    let count = this.aggregated.countDue(fromUs, toUs)
    for (let index = 0; index < this.#size; index++) {
      const dueUs = this.#due[index]!
      if (fromUs <= dueUs && dueUs < toUs) count++
    }
    return count
  }

  /** One number for each request's driver and sequence number, see `toRequestKey`; a number that occurs twice is a duplicate. */
  keys(): Float64Array {
    return this.#key.subarray(0, this.#size)
  }

  /** From 1; 0 means no pod. */
  #numberPod(pod: string): number {
    const known = this.#podNumbers.get(pod)
    if (known !== undefined) return known
    const number = this.#pods.push(pod)
    this.#podNumbers.set(pod, number)
    return number
  }

  #grow(): void {
    this.#pod = growColumn(this.#pod)
    this.#port = growColumn(this.#port)
    this.#due = growColumn(this.#due)
    this.#settled = growColumn(this.#settled)
    this.#lag = growColumn(this.#lag)
    this.#key = growColumn(this.#key)
    this.#lane = growColumn(this.#lane)
    this.#fate = growColumn(this.#fate)
  }
}
