/** What a watch observes of its cluster: the target's namespace, and the nodes of its pods. */
import type { Clock } from '../../base/clock.ts'
import { providers } from '../../cluster/providers.ts'
import type { RunPlan } from '../../model/plan.ts'
import { observeNamespace } from '../observe/observe.ts'
import type { Observer } from '../observe/observe.ts'
import type { RunOptions } from '../run-options.ts'
import type { WatchedTraffic } from './watched-traffic.ts'

interface ObservedTarget extends Pick<RunOptions, 'api' | 'plan' | 'nodeClock'> {
  clock: Clock
  /** Aborts when a log cannot be written. */
  failure: AbortController
}

/** The target in the form in which observers and waits take it. */
export function describeTarget(plan: RunPlan): Pick<RunPlan, 'workload'> & { namespace: string } {
  return { workload: plan.workload, namespace: plan.workload.namespace ?? '' }
}

/** Pods' logs are not read: their lines about requests would have to be kept as long as the watch lasts. */
export async function observeTarget(
  watch: ObservedTarget,
  traffic: WatchedTraffic,
  teardown: AsyncDisposableStack,
): Promise<Observer> {
  const { api, clock, plan, nodeClock } = watch
  const stop = new AbortController()
  const observer = await observeNamespace({
    api,
    ...describeTarget(plan),
    runToken: plan.runId,
    mostServed: 0,
    clock,
    exactEvents: providers[plan.cluster].facts.tellsExactEvents,
    nodeClock,
    write: createGuard(watch, (record) => traffic.see(record)),
    onPod: createGuard(watch, (seen) => traffic.seePod(seen)),
    signal: stop.signal,
  })
  teardown.defer(async () => {
    stop.abort()
    await observer.done
  })
  return observer
}

/** An error thrown here would count as a failed watch of the API server: it ends the whole watch instead. */
export function createGuard<T>(
  { failure }: Pick<ObservedTarget, 'failure'>,
  take: (seen: T) => void,
): (seen: T) => void {
  return (seen) => {
    try {
      take(seen)
    } catch (error) {
      failure.abort(error)
    }
  }
}

/** Reading nodes needs a cluster-wide right: without it, an eviction is not known to be part of a drain. */
export async function isCordoned({ api, signal }: Pick<RunOptions, 'api' | 'signal'>, node: string): Promise<boolean> {
  const { status, body } = await api.request({ path: `/api/v1/nodes/${encodeURIComponent(node)}`, signal })
  return status === 200 && (JSON.parse(body) as { spec?: { unschedulable?: boolean } }).spec?.unschedulable === true
}
