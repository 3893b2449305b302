/** When an ingress controller's pods opened connections to each pod of the workload: the kernel's word at the second hop. */
import type { Evidence, RecordOf } from '../facts/evidence.ts'
import { listAddresses, resolveAddress } from './pod-addresses.ts'
import { PortTimes } from './port-times.ts'

export class ControllerConnections {
  /** A pod's number stands for a driver's; by which port it was reached does not matter. */
  readonly #times = new PortTimes()
  readonly #numbers = new Map<string, number>()
  readonly #errorUs: number
  readonly #tracking: readonly RecordOf<'tracking'>[]

  constructor({ controllerConnections, seen }: Pick<Evidence, 'controllerConnections' | 'seen'>) {
    this.#tracking = seen.tracking.filter(({ hop }) => hop === 'controller')
    this.#errorUs = controllerConnections.reduce((most, { errorUs }) => Math.max(most, errorUs), 0)
    const addresses = listAddresses(seen.pod)
    for (const record of controllerConnections) {
      let atUs = record.t
      for (const [index, place] of record.places.entries()) {
        atUs += record.times[index] ?? 0
        const pod = resolveAddress(addresses, record.to[place] ?? '', atUs)
        if (pod !== null) this.#add(pod, atUs)
      }
    }
  }

  #add(pod: string, atUs: number): void {
    const number = this.#numbers.get(pod) ?? this.#numbers.size
    this.#numbers.set(pod, number)
    this.#times.add(number, 0, atUs)
  }

  /** Whether all of them were told, for the whole of the load. */
  get isWhole(): boolean {
    return this.#tracking.some(({ state }) => state === 'on') && this.why === null
  }

  /** Why they were not all told; `null` where they were, or nobody asked for them. */
  get why(): string | null {
    const cut = this.#tracking.find(({ state, why }) => state === 'lossy' || (state === 'off' && why !== null))
    return cut === undefined ? null : (cut.why ?? 'some were lost')
  }

  /** New connections to pods of the workload. */
  get count(): number {
    return this.#times.size
  }

  /** When the last one to each pod was opened; empty unless all were told. */
  computeLast(): Map<string, number> {
    if (!this.isWhole) return new Map()
    return new Map(
      [...this.#numbers].map(([pod, driver]) => [pod, this.#times.findAround({ driver, port: 0 }, Infinity).beforeUs]),
    )
  }

  /** Whether one was opened to a pod from one instant to another, both within the error of their times. */
  hasBetween(pod: string, fromUs: number, toUs: number): boolean {
    const driver = this.#numbers.get(pod)
    if (driver === undefined) return false
    return this.#times.findAround({ driver, port: 0 }, fromUs - this.#errorUs).fromUs <= toUs + this.#errorUs
  }
}
