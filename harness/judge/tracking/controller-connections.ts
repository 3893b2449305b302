/** When an ingress controller's pods opened connections to each pod of the workload: the kernel's report at the second hop. */
import type { Evidence, RecordOf } from '../facts/evidence.ts'
import { listAddresses, resolveAddress } from './pod-addresses.ts'
import { PortTimes } from './port-times.ts'

export class ControllerConnections {
  /** The number of a controller's pod is used as that of a driver; the pod's port does not matter. */
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

  /** Whether all of them were reported, for the whole load. */
  get isWhole(): boolean {
    return this.#tracking.some(({ state }) => state === 'on') && this.why === null
  }

  /** Why not all were reported; `null` if all were, or if they were not requested. */
  get why(): string | null {
    const cut = this.#tracking.find(({ state, why }) => state === 'lossy' || (state === 'off' && why !== null))
    return cut === undefined ? null : (cut.why ?? 'some were lost')
  }

  /** Number of new connections to pods of the workload. */
  get count(): number {
    return this.#times.size
  }

  /** When the last one to each pod was opened; empty unless all were reported. */
  computeLast(): Map<string, number> {
    if (!this.isWhole) return new Map()
    return new Map(
      [...this.#numbers].map(([pod, driver]) => [pod, this.#times.findAround({ driver, port: 0 }, Infinity).beforeUs]),
    )
  }

  /** Whether one was opened to a pod between two instants, both extended by the error of their times. */
  hasBetween(pod: string, fromUs: number, toUs: number): boolean {
    const driver = this.#numbers.get(pod)
    if (driver === undefined) return false
    return this.#times.findAround({ driver, port: 0 }, fromUs - this.#errorUs).fromUs <= toUs + this.#errorUs
  }
}
