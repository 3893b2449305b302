/** Tells of a pod's network counters whenever they have changed, as an Event that is counted up. */
import type { NetworkCounts } from '../../model/record.ts'
import { sameJson } from '../store/json.ts'
import type { PodContext } from './pod-context.ts'

const periodMs = 1_000

export class CounterWatch {
  readonly #pod: PodContext
  readonly #timer: NodeJS.Timeout
  #told: NetworkCounts | undefined

  /** Looks every second, until it is stopped. */
  constructor(pod: PodContext) {
    this.#pod = pod
    this.#timer = setInterval(() => this.#look(), periodMs).unref()
  }

  /** The last look: nothing of the pod runs any more. */
  stop(): void {
    clearInterval(this.#timer)
    this.#look()
  }

  #look(): void {
    const counters = this.#pod.sandbox?.counters()
    if (!counters || sameJson(counters, this.#told)) return
    this.#told = counters
    const message = 'Counted connections in the network namespace of the pod'
    this.#pod.record({ reason: 'NetworkCounters', message, detail: JSON.stringify(counters) })
  }
}
