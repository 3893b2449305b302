/** When an ingress controller's pods opened connections to each pod of the workload: the kernel's word at the second hop. */
import type { Evidence, RecordOf } from '../facts/evidence.ts'
import { listAddresses, resolveAddress } from './pod-addresses.ts'

export class ControllerConnections {
  readonly #times: ReadonlyMap<string, readonly number[]>
  readonly #errorUs: number
  readonly #tracking: readonly RecordOf<'tracking'>[]

  constructor({ controllerConnections, seen }: Pick<Evidence, 'controllerConnections' | 'seen'>) {
    this.#tracking = seen.tracking.filter(({ hop }) => hop === 'controller')
    const addresses = listAddresses(seen.pod)
    const times = new Map<string, number[]>()
    this.#errorUs = controllerConnections.reduce((most, { errorUs }) => Math.max(most, errorUs), 0)
    for (const record of controllerConnections) {
      let atUs = record.t
      for (const [index, place] of record.places.entries()) {
        atUs += record.times[index] ?? 0
        const pod = resolveAddress(addresses, record.to[place] ?? '', atUs)
        if (pod === null) continue
        const known = times.get(pod) ?? []
        times.set(pod, known)
        known.push(atUs)
      }
    }
    for (const known of times.values()) known.sort((a, b) => a - b)
    this.#times = times
  }

  /** Whether all of them were told, for the whole of the load. */
  get isWhole(): boolean {
    const isOn = this.#tracking.some(({ state }) => state === 'on')
    return isOn && this.#tracking.every(({ state, why }) => state === 'on' || (state === 'off' && why === null))
  }

  /** Why they were not all told; `null` where they were, or nobody asked for them. */
  get why(): string | null {
    return this.#tracking.find(({ state, why }) => state !== 'on' && why !== null)?.why ?? null
  }

  /** New connections to pods of the workload. */
  get count(): number {
    return [...this.#times.values()].reduce((sum, { length }) => sum + length, 0)
  }

  /** When the last one to each pod was opened; empty unless all were told. */
  computeLast(): Map<string, number> {
    if (!this.isWhole) return new Map()
    return new Map([...this.#times].map(([pod, times]) => [pod, times.at(-1) ?? 0]))
  }

  /** Whether one was opened to a pod from one instant to another, both within the error of their times. */
  hasBetween(pod: string, fromUs: number, toUs: number): boolean {
    const [earliest, latest] = [fromUs - this.#errorUs, toUs + this.#errorUs]
    return this.#times.get(pod)?.some((atUs) => earliest <= atUs && atUs <= latest) ?? false
  }
}
