/**
 * The requests of the last seconds, one by one: with them an episode begins that is noticed now. Requests that leave it without an
 * episode are of the time between episodes. Each goes one of the two ways, once.
 *
 * It is cut where the driver said how many instants it had planned: what was planned by then and what later is told apart by number,
 * whatever is still under way.
 */
import type { RequestRecord } from '../../model/record.ts'

/** Where an episode may begin: everything from `firstSeq` on was due after the driver's word of `fromUs`. */
export interface EpisodeStart {
  fromUs: number
  firstSeq: number
}

interface Segment extends EpisodeStart {
  requests: RequestRecord[]
}

export class RequestRing {
  readonly #keepUs: number
  readonly #onExpired: (request: RequestRecord) => void
  /** In their order; none while everything that is new belongs to an episode. */
  #segments: Segment[] = []

  constructor(keepUs: number, onExpired: (request: RequestRecord) => void) {
    this.#keepUs = keepUs
    this.#onExpired = onExpired
  }

  get size(): number {
    return this.#segments.reduce((sum, { requests }) => sum + requests.length, 0)
  }

  /** From here on requests are nobody's: the load has begun, or an episode has ended. */
  restart(start: EpisodeStart): void {
    this.flush()
    this.#segments = [{ ...start, requests: [] }]
  }

  add(request: RequestRecord): void {
    const segment = this.#segments.findLast(({ firstSeq }) => firstSeq <= request.seq)
    if (segment) segment.requests.push(request)
    else this.#onExpired(request)
  }

  /** The driver has said at `atUs` that it had planned so many. */
  mark(atUs: number, planned: number): void {
    const last = this.#segments.at(-1)
    if (last === undefined) return
    if (planned > last.firstSeq) this.#segments.push({ fromUs: atUs, firstSeq: planned, requests: [] })
    // The first is needed until the second is old enough as well: an episode begins no later than it should.
    while (this.#segments.length > 1 && this.#segments[1]!.fromUs <= atUs - this.#keepUs) {
      for (const request of this.#segments.shift()!.requests) this.#onExpired(request)
    }
  }

  /** The last place at or before an instant, or else the first that there is; `null` while everything belongs to an episode. */
  findStart(atUs: number): EpisodeStart | null {
    const found = this.#segments.findLast(({ fromUs }) => fromUs <= atUs) ?? this.#segments[0]
    return found ? { fromUs: found.fromUs, firstSeq: found.firstSeq } : null
  }

  /** Gives away what has been seen of an episode that begins there; what was before is nobody's. */
  take({ firstSeq }: EpisodeStart): RequestRecord[] {
    const taken = this.#segments.filter((segment) => segment.firstSeq >= firstSeq)
    this.#segments = this.#segments.filter((segment) => segment.firstSeq < firstSeq)
    this.flush()
    return taken.flatMap(({ requests }) => requests)
  }

  /** Whatever is in it is nobody's. */
  flush(): void {
    for (const { requests } of this.#segments) for (const request of requests) this.#onExpired(request)
    this.#segments = []
  }
}
