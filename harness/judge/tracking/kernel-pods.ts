/** To which pod the kernel led a connection: by the port that it was made from, and when. */
import type { RequestRecord } from '../../model/record.ts'
import type { Evidence, RecordOf } from '../facts/evidence.ts'
import type { Translation, TranslationTable } from './translation-table.ts'

/** A request, as far as its connection is known. */
export type TrackedRequest = Pick<RequestRecord, 'driver' | 'localPort' | 'sentUs' | 'settledUs' | 'lane'>

/** When connections were not told of, or not all. */
interface Gap {
  fromUs: number
  toUs: number
  why: string | null
}

/** An instant that is less well known says nothing of the moments of a pod's end. */
const mostErrorUs = 100_000

export class KernelPods {
  readonly #translations: TranslationTable
  readonly #tracking: readonly RecordOf<'tracking'>[]
  readonly #gaps: readonly Gap[]
  readonly #pods: ReadonlyMap<string, readonly PodAddress[]>

  constructor({ translations, seen }: Pick<Evidence, 'translations' | 'seen'>) {
    this.#translations = translations
    this.#tracking = seen.tracking
    this.#gaps = findGaps(seen.tracking)
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

  /** Why some were not told that were made from `fromUs` to `toUs`; `undefined` when all were. */
  findGap(fromUs: number, toUs: number): { why: string | null } | undefined {
    return this.#gaps.find((gap) => gap.fromUs <= toUs && fromUs <= gap.toUs)
  }

  /**
   * An earlier connection from the same port may have ended within the error of its time: the one nearest to the first SYN counts.
   * The pod to which the connection of a request was led; `null` where nothing is told of it. A kernel that drops or refuses
   * a SYN itself, for want of a pod or of a route to it, tells nothing.
   */
  findPod({ driver, localPort, sentUs, settledUs, lane }: TrackedRequest): string | null {
    if (localPort === null || sentUs === null) return null
    const made = this.#translations.findBetween(driver, localPort, sentUs, settledUs)
    return this.#resolve(made ?? (lane === 'fresh' ? null : this.#findKept(driver, localPort, sentUs)))
  }

  /** When the last new connection was led to each pod; empty unless all were told, by a clock that can be trusted. */
  computeLastLed(): Map<string, number> {
    const last = new Map<string, number>()
    if (this.findGap(-Infinity, Infinity) !== undefined || !this.wasOn) return last
    for (const translation of this.#translations) {
      if (translation.errorUs > mostErrorUs) return new Map()
      const pod = this.#resolve(translation)
      if (pod !== null) last.set(pod, Math.max(translation.atUs, last.get(pod) ?? -Infinity))
    }
    return last
  }

  /** The connection that stood when a request took it: its port is no other's meanwhile. */
  #findKept(driver: number, port: number, sentUs: number): Translation | null {
    const last = this.#translations.findBefore(driver, port, sentUs)
    return last === null || this.findGap(last.atUs, sentUs) !== undefined ? null : last
  }

  /** The pod that had the address then. */
  #resolve(translation: Translation | null): string | null {
    if (translation === null) return null
    const { to, atUs } = translation
    const owners = this.#pods.get(to.slice(0, to.lastIndexOf(':'))) ?? []
    return (owners.findLast(({ fromUs }) => fromUs <= atUs) ?? owners[0])?.pod ?? null
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

interface PodAddress {
  pod: string
  /** When it was first seen with it. */
  fromUs: number
}

/** Who had each address, in order of time: one that is gone may leave its own to another. */
function listAddresses(records: readonly RecordOf<'pod'>[]): Map<string, PodAddress[]> {
  const addresses = new Map<string, PodAddress[]>()
  for (const { t, pod } of records) {
    if (pod.ip === null) continue
    const known = addresses.get(pod.ip) ?? []
    addresses.set(pod.ip, known)
    if (!known.some((one) => one.pod === pod.name)) known.push({ pod: pod.name, fromUs: t })
  }
  return addresses
}
