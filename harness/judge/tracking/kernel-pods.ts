/**
 * The pod to which the kernel sent a connection. Connection tracking may be read late, but it is in order: a driver's openings from a port
 * are matched, in turn, with the kernel's reports for that port.
 */
import { formatDuration } from '../../base/figures.ts'
import type { Evidence, RecordOf } from '../facts/evidence.ts'
import { listAddresses, resolveAddress } from './pod-addresses.ts'
import type { PodAddress } from './pod-addresses.ts'
import type { PortOfDriver, PortTimes } from './port-times.ts'
import type { TranslationTable } from './translation-table.ts'

/** The part of a request that identifies its connection. */
export interface TrackedRequest {
  driver: number
  localPort: number | null
  sentUs: number | null
}

/** How much later the kernel's report may be read on a busy machine. */
const mostLateUs = 10_000_000
/** If the log does not have every opening: from this time on the port may have another connection. */
const leastReuseUs = 1_000_000
/** A clock with a larger error cannot be compared with a driver's. */
const mostErrorUs = 2_000_000

/** A period in which not all connections were reported. */
interface Gap {
  fromUs: number
  toUs: number
  why: string | null
}

export class KernelPods {
  readonly #openings: PortTimes
  readonly #translations: TranslationTable
  readonly #lateUs: number
  /** Whether the log lacks some openings. */
  readonly #isAggregated: boolean
  readonly #tracking: readonly RecordOf<'tracking'>[]
  readonly #gaps: readonly Gap[]
  readonly #pods: ReadonlyMap<string, readonly PodAddress[]>

  constructor({
    openings,
    translations,
    requests,
    seen,
  }: Pick<Evidence, 'openings' | 'translations' | 'requests' | 'seen'>) {
    this.#openings = openings
    this.#translations = translations
    this.#isAggregated = requests.aggregated.size > 0
    this.#lateUs = this.#isAggregated ? leastReuseUs : mostLateUs
    this.#tracking = seen.tracking.filter(({ hop }) => hop === undefined)
    this.#gaps = findGaps(this.#tracking)
    this.#pods = listAddresses(seen.pod)
  }

  /** Whether tracking was requested on any node. */
  get wasAsked(): boolean {
    return this.#tracking.length > 0
  }

  /** Whether connections of any node were reported. */
  get wasOn(): boolean {
    return this.#tracking.some(({ state }) => state === 'on')
  }

  /** Number of new connections that it sent anywhere. */
  get count(): number {
    return this.#translations.size
  }

  /** Whether the reported times can be compared with those of a driver. */
  get isDated(): boolean {
    return this.#translations.mostErrorUs <= mostErrorUs
  }

  /** Why some connections were not reported, or none can be found; `undefined` if all can. */
  findGap(): { why: string | null } | undefined {
    if (this.isDated) return this.#gaps[0]
    return { why: `its times are known to ${formatDuration(this.#translations.mostErrorUs)} only` }
  }

  /**
   * The pod to which the connection of a request was sent; `null` if nothing was reported, or if a report may concern another connection
   * from the same port. A kernel that drops or refuses a SYN itself, for lack of a pod or of a route to it, reports nothing.
   */
  findPod({ driver, localPort: port, sentUs }: TrackedRequest): string | null {
    if (port === null || sentUs === null || this.#translations.size === 0) return null
    const openedUs = this.#openings.findAround({ driver, port }, sentUs + 1).beforeUs
    if (openedUs === -Infinity) return null
    const to = this.#findLed({ driver, port }, openedUs)
    return to === null ? null : resolveAddress(this.#pods, to, openedUs)
  }

  /** For each pod, when the last connection that was sent to it was opened; empty unless all were reported. */
  computeLastLed(): Map<string, number> {
    const last = new Map<string, number>()
    if (this.findGap() !== undefined || !this.wasOn || this.#isAggregated) return last
    const openings = this.#openings
    for (let row = 0; row < openings.size; row++) {
      const openedUs = openings.atUs(row)
      const pod = this.findPod({ driver: openings.driver(row), localPort: openings.port(row), sentUs: openedUs })
      if (pod !== null) last.set(pod, Math.max(openedUs, last.get(pod) ?? -Infinity))
    }
    return last
  }

  /**
   * Reports between one opening of a port and the next belong to the first, unless one for the opening before is still to come. The last
   * one counts: if a server remembers an earlier connection from that port, the client resets it and its SYN is sent, and routed, again.
   */
  #findLed(from: PortOfDriver, openedUs: number): string | null {
    const { beforeUs: previousUs } = this.#openings.findAround(from, openedUs)
    const { fromUs: nextUs } = this.#openings.findAround(from, openedUs + 1)
    const told = this.#listTold(from, openedUs, nextUs)
    const isPreviousUntold =
      openedUs - previousUs < this.#lateUs && this.#listTold(from, previousUs, openedUs).length === 0
    return told.length > (isPreviousUntold ? 1 : 0) ? told.at(-1)! : null
  }

  #listTold(from: PortOfDriver, fromUs: number, toUs: number): string[] {
    if (!this.isDated) return []
    const { mostErrorUs: errorUs } = this.#translations
    return this.#translations.listBetween(from, fromUs - errorUs, Math.min(toUs - errorUs, fromUs + this.#lateUs))
  }
}

function findGaps(tracking: readonly RecordOf<'tracking'>[]): Gap[] {
  return tracking.map(toGap).filter((gap) => gap !== null)
}

/** The end of a run is not a gap, as nothing follows it. */
function toGap({ state, from, t, why }: RecordOf<'tracking'>): Gap | null {
  if (state === 'on' || (state === 'off' && why === null)) return null
  return { fromUs: from, toUs: state === 'lossy' ? t : Infinity, why }
}
