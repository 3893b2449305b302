/** What a watch has seen: the content of `watch.json`. Times are µs since the watch began. */
import type { Histogram } from '../histogram.ts'
import type { ObservedKind } from '../disruptions/observed.ts'
import type { RequestOutcome } from '../record.ts'
import type { Verdict } from '../result.ts'

export interface WatchSession {
  schema: 1
  /** The name of the watch's directory. */
  id: string
  /** In kubectl's words: `deployment/shop`. */
  target: string
  namespace: string
  ratePerSecond: number
  /** Wall clock, ISO 8601. */
  began: string
  /** From the first request; to the last one once it has ended. */
  durationUs: number
  /** How it ended; `null` while it goes on, or when it was killed. */
  ending: WatchEnding | null
  ledger: WatchLedger
  /** Signs that pods were being replaced while no load was sent, from the loss of a driver to the first request of the next. */
  unseen: number
  background: BackgroundTraffic
  /** In their order. The oldest are only counted, in `forgotten`. */
  episodes: EpisodeResult[]
  forgotten: Record<Verdict, number>
}

/** `limit`: as many episodes, or as much time, as was asked for. `broken`: the driver or the cluster was lost, as `detail` says. */
export interface WatchEnding {
  why: 'limit' | 'interrupted' | 'broken'
  detail: string | null
}

/** Of all lanes. `planned = background + episodes`, or something was missed. */
export interface WatchLedger {
  /** As the driver says in the end; before that, what has been accounted for. */
  planned: number
  background: number
  episodes: number
}

/** Requests between episodes. */
export interface BackgroundTraffic {
  /** Of the workload's lanes. */
  outcomes: Partial<Record<RequestOutcome, number>>
  /** Of the lane to the pod that nothing disrupts. */
  control: { sent: number; lost: number }
  /** Of `ok` requests, from the instant they were due. */
  latency: Histogram
  /** Of the workload's lanes, by due time, from the beginning on; spans without requests are in it. */
  spanUs: number
  spans: { sent: number; lost: number }[]
}

export interface EpisodeResult {
  number: number
  /** Of its run, within the watch's directory; `null` once that has been removed. */
  dir: string | null
  what: ObservedKind
  fromUs: number
  toUs: number
  verdict: Verdict
  /** Of the workload's lanes. */
  sent: number
  lost: number
  sentence: string
}
