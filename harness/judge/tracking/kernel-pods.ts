/**
 * To which pod the kernel led a connection. Who reads connection tracking may be told late of a connection, but in order: those that a
 * driver opened from a port are matched, in turn, with those that the kernel told of that port.
 */
import { formatDuration } from '../../base/figures.ts'
import type { Evidence, RecordOf } from '../facts/evidence.ts'
import { listAddresses, resolveAddress } from './pod-addresses.ts'
import type { PodAddress } from './pod-addresses.ts'
import type { PortOfDriver, PortTimes } from './port-times.ts'
import type { TranslationTable } from './translation-table.ts'

/** A request, as far as its connection is known. */
export interface TrackedRequest {
  driver: number
  localPort: number | null
  sentUs: number | null
}

/** How much later the kernel's word may have been read, on a busy machine. */
const mostLateUs = 10_000_000
/** Where the log does not have every opening: until the port may be another connection's. */
const leastReuseUs = 1_000_000
/** A clock that is less well known cannot be held against a driver's. */
const mostErrorUs = 2_000_000

/** When connections were not told of, or not all. */
interface Gap {
  fromUs: number
  toUs: number
  why: string | null
}

export class KernelPods {
  readonly #openings: PortTimes
  readonly #translations: TranslationTable
  readonly #lateUs: number
  /** The log does not have every opening. */
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

  /** Whether any node was asked. */
  get wasAsked(): boolean {
    return this.#tracking.length > 0
  }

  /** Whether connections of any node were told. */
  get wasOn(): boolean {
    return this.#tracking.some(({ state }) => state === 'on')
  }

  /** New connections that it led anywhere. */
  get count(): number {
    return this.#translations.size
  }

  /** Whether the times of what was told can be held against those of a driver. */
  get isDated(): boolean {
    return this.#translations.mostErrorUs <= mostErrorUs
  }

  /** Why some connections were not told, or none can be found; `undefined` when all can. */
  findGap(): { why: string | null } | undefined {
    if (this.isDated) return this.#gaps[0]
    return { why: `its times are known to ${formatDuration(this.#translations.mostErrorUs)} only` }
  }

  /**
   * The pod to which the connection of a request was led; `null` where nothing is told of it, or where it may have been told of another from
   * the same port. A kernel that drops or refuses a SYN itself, for want of a pod or of a route to it, tells nothing.
   */
  findPod({ driver, localPort: port, sentUs }: TrackedRequest): string | null {
    if (port === null || sentUs === null || this.#translations.size === 0) return null
    const openedUs = this.#openings.findAround({ driver, port }, sentUs + 1).beforeUs
    if (openedUs === -Infinity) return null
    const to = this.#findLed({ driver, port }, openedUs)
    return to === null ? null : resolveAddress(this.#pods, to, openedUs)
  }

  /** When the last connection was opened that was led to each pod; empty unless all were told. */
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
   * What was told from one opening of a port until the next is of the first, unless what belongs to the one before is still to come. The last
   * counts: where a server still remembers an earlier connection from that port, the client resets it and its SYN is sent, and led, again.
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

/** The end of a run is no gap: there is nothing after it. */
function toGap({ state, from, t, why }: RecordOf<'tracking'>): Gap | null {
  if (state === 'on' || (state === 'off' && why === null)) return null
  return { fromUs: from, toUs: state === 'lossy' ? t : Infinity, why }
}
