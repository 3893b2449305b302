/** Stretches of a run in which no request went out. */
import type { LoadPlan } from '../model/plan.ts'
import type { Span } from './presence.ts'
import type { RequestTable } from './request-table.ts'

export interface Gap {
  fromUs: number
  us: number
}

/**
 * When requests of the workload's lanes went out; in a closed loop, where a server that stalls holds the sending up, when any was in flight.
 * Requests that the log only counts went out when they were due: had they been later, they had been slow, and would be kept one by one.
 */
export class Coverage {
  /** Spans in the order of their beginnings, and their ends; both the same instant for a sending. */
  readonly #from: Float64Array
  readonly #to: Float64Array

  constructor(requests: RequestTable, load: LoadPlan) {
    const runs = requests.summarised.runs()
    const from = new Float64Array(requests.size + runs.length)
    const to = new Float64Array(from.length)
    let size = 0
    for (let index = 0; index < requests.size; index++) {
      if (!requests.wasSent(index)) continue
      from[size] = requests.sentUs(index)
      to[size++] = load.closedLoop ? requests.settledUs(index) : requests.sentUs(index)
    }
    for (const { firstDueUs, lastDueUs } of runs) {
      from[size] = firstDueUs
      to[size++] = lastDueUs
    }
    const order = Uint32Array.from({ length: size }, (_, index) => index).sort((a, b) => from[a]! - from[b]!)
    this.#from = Float64Array.from(order, (index) => from[index]!)
    this.#to = Float64Array.from(order, (index) => to[index]!)
  }

  /** The longest stretch of a span without any; the whole of it where there is none. */
  longestGap(span: Span): Gap {
    let longest: Gap = { fromUs: span.fromUs, us: 0 }
    let reachedUs = span.fromUs
    const reach = (fromUs: number, toUs: number): void => {
      if (fromUs - reachedUs > longest.us) longest = { fromUs: reachedUs, us: fromUs - reachedUs }
      reachedUs = Math.max(reachedUs, toUs)
    }
    for (let place = 0; place < this.#from.length && this.#from[place]! < span.toUs; place++) {
      if (this.#to[place]! > span.fromUs) reach(Math.max(span.fromUs, this.#from[place]!), this.#to[place]!)
    }
    reach(span.toUs, span.toUs)
    return longest
  }
}
