/**
 * Sorts every request of a watch and every record of its observers: into the log of one episode, or into the counts between episodes. An
 * episode ends at a number of planned instants that the driver reported.
 */
import type { V1Pod } from '@kubernetes/client-node'
import type { Clock } from '../../base/clock.ts'
import { getErrorMessage } from '../../base/fault.ts'
import { formatCount, formatPlural } from '../../base/figures.ts'
import type { ObservedChange } from '../../cluster/watch.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { LogRecord, PodSnapshot } from '../../model/record.ts'
import type { Step } from '../../model/step.ts'
import type { BackgroundTraffic, WatchLedger } from '../../model/watch/watch-session.ts'
import { Background } from './background.ts'
import { EpisodeCloser } from './close-episodes.ts'
import type { EpisodeCloserOptions } from './close-episodes.ts'
import { ReplacementDetector } from './detect-replacement.ts'
import type { ReplacementSign } from './detect-replacement.ts'
import { Episode } from './episode.ts'
import { ObservedState } from './observed-state.ts'
import { RequestRing } from './request-ring.ts'

/** Undisturbed load with which an episode begins, if there was that much before it. */
export const beforeMs = 10_000
/** Longer by the maximum delay of a sign and the interval between two reports of the driver. */
const keepUs = 16_000_000

export interface WatchedTrafficOptions extends EpisodeCloserOptions {
  /** The plan with what was deployed; called when an episode begins. */
  getPlan: () => RunPlan
  directory: string
  clock: Clock
  /** Maximum number of episodes; Infinity for no limit. */
  mostEpisodes: number
  /** Gets the records of requests and pods after they are stored, and a step when an episode begins or ends. */
  onRecord: (record: LogRecord) => void
  onSign: (number: number, sign: ReplacementSign) => void
  /** Resolves when an episode is over, with the instant at which the workload came to rest. `ended` aborts when observation ends. */
  waitUntilOver: (episode: Episode, ended: AbortSignal) => Promise<number>
}

export class WatchedTraffic {
  readonly #options: WatchedTrafficOptions
  readonly #detector = new ReplacementDetector()
  readonly #state = new ObservedState(keepUs)
  readonly #background = new Background()
  readonly #ring = new RequestRing(keepUs, (request) => this.#background.add(request))
  readonly #pods = new Map<string, PodSnapshot>()
  #isOpen = false
  #opensMore = true
  #count = 0
  #current: Episode | null = null
  /** Completes the log of an episode that has ended; called with the driver's next report. */
  #ending: (() => void) | null = null
  readonly #closer: EpisodeCloser
  /** Aborts when a load ends. */
  #ended = new AbortController()
  /** Whether a load is running. */
  #isLoaded = false
  /** The number of planned requests of loads that have ended. */
  #planned = 0
  /** The numbers of signs between two loads, and since the last load. */
  unseen = 0
  #missed = 0

  constructor(options: WatchedTrafficOptions) {
    this.#options = options
    this.#closer = new EpisodeCloser(options)
  }

  /** A load has begun: pods that are replaced from here on make an episode. Its requests are numbered from 0. */
  begin(): void {
    const fromUs = this.#options.clock.now()
    if (this.#planned === 0) this.#background.begin(fromUs)
    this.unseen += this.#missed
    this.#missed = 0
    this.#isLoaded = true
    this.#ended = new AbortController()
    this.#ring.restart({ fromUs, firstSeq: 0 })
    this.#isOpen = true
    this.tellTraffic()
  }

  get isInEpisode(): boolean {
    return this.#current !== null || this.#closer.open.size > 0
  }

  get traffic(): BackgroundTraffic {
    return this.#background.traffic
  }

  get ledger(): WatchLedger {
    const episodes = this.#listOpen().reduce((sum, { count }) => sum + count, this.#closer.requests)
    const background = this.#background.total + this.#ring.size
    return { planned: this.#isLoaded ? background + episodes : this.#planned, background, episodes }
  }

  countChanges(): number {
    return this.#detector.changes
  }

  /** Takes what a driver has sent: requests first, then its report. All is in the files when this returns. */
  take(records: readonly LogRecord[]): void {
    const requests = records.flatMap((record) => (record.type === 'request' ? [record.request] : []))
    const open = this.#listOpen()
    for (const episode of open) episode.take(requests.filter((request) => episode.owns(request)))
    for (const request of requests) if (!open.some((episode) => episode.owns(request))) this.#ring.add(request)
    for (const record of records) {
      if (record.type === 'driver' || record.type === 'clock') this.see(record)
      if (record.type === 'driver') this.#mark(record.t, record.health.planned)
      if (record.type === 'end') this.#endLoad(record)
      if (record.type === 'request') this.#options.onRecord(record)
    }
    for (const episode of this.#listOpen()) episode.flush()
  }

  /** Takes a record of a watch. */
  see(record: LogRecord): void {
    if (record.type === 'pod') {
      if (record.change === 'deleted') this.#pods.delete(record.pod.name)
      else this.#pods.set(record.pod.name, record.pod)
    }
    this.#state.add(record)
    this.#current?.write(record)
    // These records come after the time that they describe.
    if (record.type === 'gap' || record.type === 'translation' || record.type === 'tracking') {
      for (const episode of this.#closer.open) episode.write(record)
    }
    if (record.type !== 'driver' && record.type !== 'clock') this.#options.onRecord(record)
  }

  /** Call it before the record of the same change. */
  seePod(seen: ObservedChange<V1Pod>): void {
    const sign = this.#detector.see(seen)
    if (sign === null) return
    if (!this.#isOpen) this.#missed++
    else if (this.#current === null) this.#open(sign)
    else this.#prolong(this.#current, sign)
  }

  /** The time of the watch is over: an open episode is the last one. */
  openNoMore(): void {
    this.#opensMore = false
  }

  /** The observation ends, so an open episode has no verdict. The load is then stopped. */
  interrupt(): void {
    this.#isOpen = false
    this.#ended.abort()
    if (this.#ending === null) this.#current?.fail(null)
  }

  /** Resolves, once the load has ended, when every episode is closed and every request is stored. */
  async drain(): Promise<void> {
    this.#isOpen = false
    this.#ring.flush()
    await this.#closer.drain()
  }

  /** Reports the progress between episodes: their number, and the requests lost between them. */
  tellTraffic(): void {
    if (this.#current !== null) return
    const { sent, lost } = this.#background
    const between = sent === 0 ? '' : `, ${formatCount(lost)} of ${formatPlural(sent, 'request')} lost between them`
    this.#tell('load-begin', `${formatPlural(this.#count, 'episode')}${between}`)
  }

  #tell(step: Step, detail: string | null): void {
    this.#options.onRecord({ type: 'step', t: this.#options.clock.now(), step, detail })
  }

  /** Episodes whose logs are open. */
  #listOpen(): Episode[] {
    return [...this.#closer.open, ...(this.#current ? [this.#current] : [])]
  }

  #open(sign: ReplacementSign): void {
    const { clock, directory, getPlan, mostEpisodes, onSign } = this.#options
    if (!this.#opensMore || this.#count >= mostEpisodes) return
    const asked = sign.atUs - sign.noticeUs
    const start = this.#ring.findStart(asked - beforeMs * 1000)
    if (start === null) return
    // State at its start was there before the disruption, however short that is.
    const disruptUs = Math.max(start.fromUs + 1, asked)
    const known = this.#state.listFrom(start.fromUs)
    const number = ++this.#count
    onSign(number, sign)
    const episode = new Episode({ number, plan: getPlan(), directory, clock, start, disruptUs, sign, known })
    this.#current = episode
    this.#tell('disrupt-begin', sign.says)
    episode.take(this.#ring.take(start))
    this.#closer.askNode(episode, sign)
    this.#follow(episode)
  }

  /** Extends an episode, also one that had just come to rest. */
  #prolong(episode: Episode, sign: ReplacementSign): void {
    episode.signs.push(sign)
    this.#closer.askNode(episode, sign)
    if (this.#ending === null) return
    this.#ending = null
    this.#follow(episode)
  }

  #follow(episode: Episode): void {
    const endWith = (tell: () => void): void => {
      if (this.#current === episode) this.#ending = tell
    }
    void this.#options.waitUntilOver(episode, this.#ended.signal).then(
      (goneUs) => endWith(() => episode.rest(goneUs)),
      // An interruption of the watch may end this wait before it ends the load.
      (error: unknown) => endWith(() => episode.fail(this.#isOpen ? getErrorMessage(error) : null)),
    )
  }

  #mark(atUs: number, planned: number): void {
    const episode = this.#current
    if (episode === null) {
      this.#ring.mark(atUs, planned)
      return
    }
    if (this.#ending === null) return
    this.#ending()
    episode.endAt(atUs, planned)
    this.#endCurrent(episode)
    this.#ring.restart({ fromUs: atUs, firstSeq: planned })
  }

  #endLoad({ t, planned, lost }: Extract<LogRecord, { type: 'end' }>): void {
    this.#isLoaded = false
    this.#planned += planned
    const current = this.#current
    this.#ending?.()
    if (lost === null) current?.endAt(t, planned)
    else {
      for (const episode of this.#listOpen()) episode.loseDriver(t, lost, planned)
      const { background, episodes } = this.ledger
      this.#background.addLost(this.#planned - background - episodes)
    }
    if (current !== null) this.#endCurrent(current)
  }

  #endCurrent(episode: Episode): void {
    this.#current = null
    this.#ending = null
    this.tellTraffic()
    const ready = [...this.#pods.values()].filter((pod) => pod.ready && !pod.terminating).length
    this.#closer.close(episode, ready)
  }
}
