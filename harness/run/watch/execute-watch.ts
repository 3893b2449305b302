/** The sequence of a watch: deploy the drivers, observe, and record every replacement of pods as an episode until it ends. */
import { startClock } from '../../base/clock.ts'
import type { Clock } from '../../base/clock.ts'
import { buildNamespaceName } from '../../cluster/context/namespace-labels.ts'
import { longestLoadMs } from '../../load/service/control-protocol.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { LogRecord } from '../../model/record.ts'
import { computeUndisturbed } from '../../model/steps/order.ts'
import type { WatchEnding, WatchSession } from '../../model/watch/watch-session.ts'
import type { EntryPoint } from '../deploy/entry-point.ts'
import { makeOwnNamespace } from '../deploy/own-namespace.ts'
import { waitUntilTargetAtRest } from '../disrupt/settle-target.ts'
import { newCredential } from '../loading.ts'
import type { Observer } from '../observe/observe.ts'
import type { RunOptions } from '../run-options.ts'
import { startDrivers } from '../start-drivers.ts'
import { startLoad } from '../start-load.ts'
import { trackLoad } from '../tracking/track-load.ts'
import { describeAbort, waitUntilOver } from './watch-ending.ts'
import { createGuard, describeTarget, isCordoned, observeTarget } from './observe-target.ts'
import { waitUntilEpisodeOver } from './settle-episode.ts'
import { WatchedTraffic } from './watched-traffic.ts'
import type { WatchedTrafficOptions } from './watched-traffic.ts'

/** When it ends by itself; without either limit after a week. */
export interface WatchLimits {
  episodes?: number
  forMs?: number
}

/** The counts so far. */
export type WatchAccount = Pick<WatchSession, 'durationUs' | 'ledger' | 'background' | 'unseen'>

export interface WatchRunOptions
  extends
    Omit<RunOptions, 'patch' | 'runDir' | 'onOutput' | 'onRecord'>,
    Pick<WatchedTrafficOptions, 'directory' | 'onRecord' | 'onSign' | 'onClosed'> {
  limits: WatchLimits
  /** Called once a minute, from the first request on. */
  onAccount: (account: WatchAccount) => void
  /** Gets messages about the watch itself. */
  onNotice: (line: string) => void
}

const accountEveryMs = 60_000
/** Added to the requested time, for the deployment, the last episode, and clocks that differ. */
const expiryMs = 3_600_000
/** A driver that is lost sooner will be lost again. */
const shortestLoadMs = 60_000

/**
 * Resolves when it is over, however it ended, and the last namespace is being deleted. Throws the error that prevented its start, and a
 * Fault when a log cannot be written.
 */
export async function executeWatch(options: WatchRunOptions): Promise<{ ending: WatchEnding; account: WatchAccount }> {
  const { plan, limits } = options
  const clock = startClock()
  const loads: WatchLoads = { plan, began: 0, beganUs: 0, endedUs: null }
  const over = Promise.withResolvers<WatchEnding>()
  const watch: WatchContext = { ...options, clock, loads, failure: new AbortController(), over: over.promise }
  await using teardown = new AsyncDisposableStack()
  const { traffic, observer } = await startLooking(watch, over.resolve, teardown)
  const getAccount = (): WatchAccount => ({
    durationUs: (loads.endedUs ?? clock.now()) - loads.beganUs,
    ledger: traffic.ledger,
    background: traffic.traffic,
    unseen: traffic.unseen,
  })
  const reporting = setInterval(() => {
    if (loads.began === 0) return
    traffic.tellTraffic()
    try {
      options.onAccount(getAccount())
    } catch (error) {
      watch.failure.abort(error)
    }
  }, accountEveryMs)
  const forMs = limits.forMs ?? longestLoadMs - expiryMs
  try {
    for (;;) {
      const sinceUs = clock.now()
      const { ending, isDriverLost } = await sendLoad(watch, { traffic, observer, forMs }).catch((error: unknown) => {
        // A failure after the first load ends the watch, and keeps what was seen.
        if (loads.began === 0) throw error
        return { ending: describeAbort(options.signal.aborted ? options.signal.reason : error), isDriverLost: false }
      })
      watch.failure.signal.throwIfAborted()
      const isShort = clock.now() - sinceUs < shortestLoadMs * 1000
      if (!isDriverLost || isShort) return { ending, account: getAccount() }
      options.onNotice(`${ending.detail}; another one is started`)
    }
  } finally {
    clearInterval(reporting)
  }
}

/** One load after another, each with its own driver: a node drain also evicts the driver. */
interface WatchLoads {
  /** The plan with what was deployed for the last load. */
  plan: RunPlan
  began: number
  /** When the first load began. */
  beganUs: number
  /** When the last load ended; `null` while it runs. */
  endedUs: number | null
}

interface WatchContext extends WatchRunOptions {
  clock: Clock
  loads: WatchLoads
  /** Aborts when a log cannot be written. */
  failure: AbortController
  /** Resolves when the requested number of episodes is reached. */
  over: Promise<WatchEnding>
}

/** From here on every change of the target's pods is known. */
async function startLooking(
  watch: WatchContext,
  endWatch: (ending: WatchEnding) => void,
  teardown: AsyncDisposableStack,
): Promise<{ traffic: WatchedTraffic; observer: Observer }> {
  const { api, clock, failure, loads, limits, signal } = watch
  const { limitMs, steps } = watch.plan.scenario
  const { afterMs } = computeUndisturbed(steps)
  const traffic: WatchedTraffic = new WatchedTraffic({
    ...watch,
    getPlan: () => loads.plan,
    mostEpisodes: limits.episodes ?? Infinity,
    waitUntilOver: (episode, ended) =>
      waitUntilEpisodeOver(episode, {
        ...describeTarget(watch.plan),
        api,
        clock,
        pods: observer.pods,
        limitMs,
        afterMs,
        countChanges: () => traffic.countChanges(),
        signal: AbortSignal.any([signal, failure.signal, ended]),
      }),
    isCordoned: (node) => isCordoned(watch, node),
    async onClosed(episode) {
      await watch.onClosed(episode)
      if (episode.number === limits.episodes) endWatch({ why: 'limit', detail: null })
    },
    onFailure: (error) => failure.abort(error),
  })
  const observer = await observeTarget(watch, traffic, teardown)
  return { traffic, observer }
}

interface Looking {
  traffic: WatchedTraffic
  observer: Observer
  /** How long the watch lasts. */
  forMs: number
}

/** Sends one load in its own namespace, until the watch is over or its driver is lost. */
async function sendLoad(
  watch: WatchContext,
  { traffic, observer, forMs }: Looking,
): Promise<{ ending: WatchEnding; isDriverLost: boolean }> {
  const { api, clock, loads, signal, source } = watch
  const number = loads.began + 1
  const plan = number === 1 ? watch.plan : { ...watch.plan, runId: `${watch.plan.runId}-${number}` }
  const namespace = buildNamespaceName(plan.runId)
  watch.onRecord({ type: 'step', t: clock.now(), step: 'deploy-begin', detail: null })
  await using teardown = new AsyncDisposableStack()
  const own = { ...watch, name: namespace, expiresAt: new Date(Date.now() + forMs + expiryMs) }
  // A load from outside needs nothing in the cluster.
  if (plan.via.kind !== 'url') await makeOwnNamespace(own, teardown)
  const deploying = { ...watch, plan, namespace, credential: newCredential() }
  const { drivers, transports, objects, images } = await startDrivers({ ...deploying, patch: {} }, teardown)
  const { limitMs } = plan.scenario
  await waitUntilTargetAtRest({ ...describeTarget(plan), api, pods: observer.pods, limitMs, signal })
  loads.plan = { ...plan, deployed: { objects, images, source } }
  const write = (...records: LogRecord[]): void => {
    try {
      traffic.take(records)
    } catch (error) {
      // This also ends the load, as if its driver were lost.
      watch.failure.abort(error)
      throw error
    }
  }
  const see = createGuard(watch, (record: LogRecord) => traffic.see(record))
  const onEntrance = ({ target }: EntryPoint): Promise<void> =>
    trackLoad({ ...deploying, target, drivers, most: Infinity, write: see }, teardown)
  const sending = {
    ...deploying,
    names: observer.names,
    write,
    flush: () => undefined,
    limitMs: longestLoadMs,
    onEntrance,
  }
  const load = await startLoad(sending, namespace, transports)
  teardown.defer(() => load.stop())
  traffic.begin()
  if (loads.began++ === 0) loads.beganUs = clock.now()
  loads.endedUs = null
  const leftMs = forMs - (clock.now() - loads.beganUs) / 1000
  const ending = await waitUntilOver({ ...watch, traffic, load, leftMs })
  const isDriverLost = load.failed.aborted && !signal.aborted && !watch.failure.signal.aborted
  traffic.interrupt()
  await load.stop()
  await traffic.drain()
  loads.endedUs = clock.now()
  return { ending, isDriverLost }
}
