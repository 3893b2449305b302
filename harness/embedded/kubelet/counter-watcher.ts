/** Records a pod's network counters when they have changed, as an Event with a count. */
import type { TcpCounters } from '../../base/netstat.ts'
import { isEqualJson } from '../store/json.ts'
import type { PodContext } from './pod-context.ts'

const periodMs = 1_000

export class CounterWatcher {
  readonly #pod: PodContext
  readonly #timer: NodeJS.Timeout
  #recorded: TcpCounters | undefined

  /** Reads them every second until it is stopped. */
  constructor(pod: PodContext) {
    this.#pod = pod
    this.#timer = setInterval(() => this.#poll(), periodMs).unref()
  }

  /** Reads them for the last time: nothing of the pod runs any more. */
  stop(): void {
    clearInterval(this.#timer)
    this.#poll()
  }

  #poll(): void {
    const counters = this.#pod.sandbox?.counters()
    if (!counters || isEqualJson(counters, this.#recorded)) return
    this.#recorded = counters
    const message = 'Counted connections in the network namespace of the pod'
    this.#pod.record({ reason: 'NetworkCounters', message, detail: JSON.stringify(counters) })
  }
}
