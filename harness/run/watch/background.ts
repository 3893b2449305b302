/** The outcomes of requests between episodes, as counts of bounded size. */
import { HistogramAccumulator, toBucket } from '../../model/histogram.ts'
import { notSentReasons } from '../../model/record.ts'
import type { RequestOutcome, RequestRecord } from '../../model/record.ts'
import type { BackgroundTraffic } from '../../model/watch/watch-session.ts'

const mostSpans = 1_000
const firstSpanUs = 60_000_000
const neverSent: ReadonlySet<string> = new Set(notSentReasons)

export class Background {
  /** All lanes. */
  total = 0
  /** The workload's lanes. */
  sent = 0
  lost = 0
  #originUs = 0
  readonly #outcomes = new Map<RequestOutcome, number>()
  readonly #control = { sent: 0, lost: 0 }
  readonly #latency = new HistogramAccumulator()
  #spanUs = firstSpanUs
  #spans: BackgroundTraffic['spans'] = []

  /** `originUs`: when the first request was due, or shortly before. */
  begin(originUs: number): void {
    this.#originUs = originUs
  }

  add({ lane, outcome, dueUs, settledUs }: RequestRecord): void {
    this.total++
    const isSent = !neverSent.has(outcome)
    const isLost = isSent && outcome !== 'ok'
    if (lane === 'control') {
      if (isSent) this.#control.sent++
      if (isLost) this.#control.lost++
      return
    }
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1)
    if (outcome === 'ok') {
      this.#latency.addCount(toBucket(settledUs - dueUs), 1)
      this.#latency.raiseMax(settledUs - dueUs)
    }
    if (isSent) this.sent++
    if (isLost) this.lost++
    if (isSent) this.#addToSpan(dueUs, isLost)
  }

  /** Adds requests whose outcome is unknown because their driver was lost. */
  addLost(count: number): void {
    this.total += count
    if (count > 0) this.#outcomes.set('driver-lost', (this.#outcomes.get('driver-lost') ?? 0) + count)
  }

  get traffic(): BackgroundTraffic {
    return {
      outcomes: Object.fromEntries(this.#outcomes),
      control: { ...this.#control },
      latency: this.#latency.toHistogram(),
      spanUs: this.#spanUs,
      spans: this.#spans.map((span) => ({ ...span })),
    }
  }

  /** When there are too many spans, each gets twice the length. */
  #addToSpan(dueUs: number, isLost: boolean): void {
    const sinceUs = Math.max(0, dueUs - this.#originUs)
    while (sinceUs >= mostSpans * this.#spanUs) this.#joinSpans()
    const place = Math.floor(sinceUs / this.#spanUs)
    while (this.#spans.length <= place) this.#spans.push({ sent: 0, lost: 0 })
    const span = this.#spans[place]!
    span.sent++
    if (isLost) span.lost++
  }

  #joinSpans(): void {
    const joined: BackgroundTraffic['spans'] = []
    for (const [place, { sent, lost }] of this.#spans.entries()) {
      const span = (joined[place >> 1] ??= { sent: 0, lost: 0 })
      span.sent += sent
      span.lost += lost
    }
    this.#spans = joined
    this.#spanUs *= 2
  }
}
