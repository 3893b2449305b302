/**
 * The single requests of the last seconds, with which an episode that is noticed now begins. A request that leaves the ring without an
 * episode counts as traffic between episodes. Each request goes one of these two ways, once.
 *
 * The ring is divided where the driver reported how many instants it had planned: by its number a request belongs before or after that,
 * whether or not it has settled.
 */
import type { RequestRecord } from '../../model/record.ts'

/** Where an episode may begin: every request from `firstSeq` on was due after the driver's report at `fromUs`. */
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
  /** In order; empty while all new requests belong to an episode. */
  #segments: Segment[] = []

  constructor(keepUs: number, onExpired: (request: RequestRecord) => void) {
    this.#keepUs = keepUs
    this.#onExpired = onExpired
  }

  get size(): number {
    return this.#segments.reduce((sum, { requests }) => sum + requests.length, 0)
  }

  /** From here on requests belong to no episode: the load has begun, or an episode has ended. */
  restart(start: EpisodeStart): void {
    this.flush()
    this.#segments = [{ ...start, requests: [] }]
  }

  add(request: RequestRecord): void {
    const segment = this.#segments.findLast(({ firstSeq }) => firstSeq <= request.seq)
    if (segment) segment.requests.push(request)
    else this.#onExpired(request)
  }

  /** `planned`: the number of instants that the driver had planned at `atUs`. */
  mark(atUs: number, planned: number): void {
    const last = this.#segments.at(-1)
    if (last === undefined) return
    if (planned > last.firstSeq) this.#segments.push({ fromUs: atUs, firstSeq: planned, requests: [] })
    // The first segment is needed until the second is old enough too: an episode must not begin too late.
    while (this.#segments.length > 1 && this.#segments[1]!.fromUs <= atUs - this.#keepUs) {
      for (const request of this.#segments.shift()!.requests) this.#onExpired(request)
    }
  }

  /** Returns the last place at or before an instant, or else the first one; `null` while all requests belong to an episode. */
  findStart(atUs: number): EpisodeStart | null {
    const found = this.#segments.findLast(({ fromUs }) => fromUs <= atUs) ?? this.#segments[0]
    return found ? { fromUs: found.fromUs, firstSeq: found.firstSeq } : null
  }

  /** Removes and returns the requests of an episode that begins there; earlier ones belong to no episode. */
  take({ firstSeq }: EpisodeStart): RequestRecord[] {
    const taken = this.#segments.filter((segment) => segment.firstSeq >= firstSeq)
    this.#segments = this.#segments.filter((segment) => segment.firstSeq < firstSeq)
    this.flush()
    return taken.flatMap(({ requests }) => requests)
  }

  /** Expires all requests in the ring. */
  flush(): void {
    for (const { requests } of this.#segments) for (const request of requests) this.#onExpired(request)
    this.#segments = []
  }
}
