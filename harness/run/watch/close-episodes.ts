/** Episodes that are over, while their last requests settle and their logs are closed, one after another in order. */
import type { ObservedKind } from '../../model/disruptions/observed.ts'
import type { ReplacementSign } from './detect-replacement.ts'
import type { Episode } from './episode.ts'

export interface ClosedEpisode {
  number: number
  dir: string
  what: ObservedKind
  fromUs: number
  toUs: number
}

export interface EpisodeCloserOptions {
  /** Whether a node takes no new pods. */
  isCordoned: (node: string) => Promise<boolean>
  /** Gets each episode once its log is closed. */
  onClosed: (episode: ClosedEpisode) => Promise<void>
  /** Gets why an episode could not be closed. */
  onFailure: (error: unknown) => void
}

export class EpisodeCloser {
  /** The episodes whose last requests are in flight, and whose logs still take records. */
  readonly open: Set<Episode> = new Set()
  /** The number of requests of all lanes in episodes that are no longer open. */
  requests = 0
  readonly #options: EpisodeCloserOptions
  /** For each episode, whether the nodes of evicted pods took no new pods at the time of the eviction. */
  readonly #cordoned = new Map<Episode, Promise<boolean>[]>()
  #last: Promise<void> = Promise.resolve()

  constructor(options: EpisodeCloserOptions) {
    this.#options = options
  }

  /** Asks at once, because a node may be in use again before the episode is over. */
  askNode(episode: Episode, { evictedBy, node }: ReplacementSign): void {
    if (evictedBy === null || node === null) return
    const asked = this.#options.isCordoned(node).catch(() => false)
    this.#cordoned.set(episode, [...(this.#cordoned.get(episode) ?? []), asked])
  }

  /** `ready`: number of pods that are ready at its end. */
  close(episode: Episode, ready: number): void {
    this.open.add(episode)
    this.#last = this.#last.then(() => this.#close(episode, ready)).catch(this.#options.onFailure)
  }

  /** Resolves when all of them are closed. */
  drain(): Promise<void> {
    return this.#last
  }

  async #close(episode: Episode, ready: number): Promise<void> {
    await episode.settled
    const { number, dir, start, endUs } = episode
    const asked = await Promise.all(this.#cordoned.get(episode) ?? [])
    this.#cordoned.delete(episode)
    // Its log takes nothing from here on.
    this.open.delete(episode)
    this.requests += episode.count
    const what = await episode.close(ready, asked.length > 0 && asked.every(Boolean))
    await this.#options.onClosed({ number, dir, what, fromUs: start.fromUs, toUs: endUs })
  }
}
