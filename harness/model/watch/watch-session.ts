/** The state of a watch: the content of `watch.json`. Times are µs since the watch began. */
import type { Histogram } from '../histogram.ts'
import type { ObservedKind } from '../disruptions/observed.ts'
import type { RequestOutcome } from '../record.ts'
import type { Verdict } from '../result.ts'

export interface WatchSession {
  schema: 1
  /** The name of the watch's directory. */
  id: string
  /** In kubectl's notation: `deployment/shop`. */
  target: string
  namespace: string
  ratePerSecond: number
  /** Wall clock, ISO 8601. */
  began: string
  /** From the first request until now, or to the last one once it has ended. */
  durationUs: number
  /** How it ended; `null` while it runs, or if it was killed. */
  ending: WatchEnding | null
  ledger: WatchLedger
  /** Number of signs of a replacement while no load was sent, from the loss of a driver to the first request of the next. */
  unseen: number
  background: BackgroundTraffic
  /** In order. The oldest are only counted, in `forgotten`. */
  episodes: EpisodeResult[]
  forgotten: Record<Verdict, number>
}

/** `limit`: the requested number of episodes or time was reached. `broken`: the driver or the cluster was lost; see `detail`. */
export interface WatchEnding {
  why: 'limit' | 'interrupted' | 'broken'
  detail: string | null
}

/** All lanes. `planned = background + episodes`, or something was missed. */
export interface WatchLedger {
  /** As the driver reports at the end; before that, the requests accounted for. */
  planned: number
  background: number
  episodes: number
}

/** Requests between episodes. */
export interface BackgroundTraffic {
  /** For the workload's lanes. */
  outcomes: Partial<Record<RequestOutcome, number>>
  /** For the lane to the pod that nothing disrupts. */
  control: { sent: number; lost: number }
  /** For `ok` requests, from the instant they were due. */
  latency: Histogram
  /** For the workload's lanes, by due time, from the beginning on, including spans without requests. */
  spanUs: number
  spans: { sent: number; lost: number }[]
}

export interface EpisodeResult {
  number: number
  /** The directory of its run, relative to the watch's; `null` once it has been removed. */
  dir: string | null
  what: ObservedKind
  fromUs: number
  toUs: number
  verdict: Verdict
  /** In the workload's lanes. */
  sent: number
  lost: number
  sentence: string
}
