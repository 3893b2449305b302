/**
 * The work of kube-proxy on a node, in this process: it watches Services and EndpointSlices, and programs the kernel to send connections
 * for a Service's address to its pods.
 */
import { monotonicUs } from '../../base/clock.ts'
import { sampleQuantiles } from '../distribution.ts'
import type { Distribution } from '../distribution.ts'
import { recordEvent } from '../store/events.ts'
import type { NewEvent } from '../store/events.ts'
import type { ServiceNetwork, ServiceRule } from '../runtime/runtime.ts'
import { startBoundedFrequencyRunner, sleepUnlessAborted } from './bounded-frequency-runner.ts'
import { isEqualJson } from '../store/json.ts'
import { computeServiceRules } from './service-rules.ts'
import type { ServicePods } from './service-rules.ts'
import type { Store } from '../store/store.ts'

/** How long a change of endpoints takes to reach the kernel. */
export interface EndpointLag {
  /** Minimum time from the end of one synchronisation to the start of the next, drawn each time. */
  betweenSyncsMs: Distribution
  /** Additional delay of a real cluster for each: its watches, and reading and writing of the rules. */
  extraMs: Distribution
}

/**
 * Measured on kind, Kubernetes 1.34, iptables mode, kube-proxy's default `minSyncPeriod` of 1 s, three nodes on a busy machine with two
 * cores, at 200 requests/s, in ms at 0, 10, … 100 %:
 * - Added, from the EndpointSlice that has a new pod ready to its first connection, 29 November 2026 (13 rollouts, 39 pods): 0, 180, 300,
 *   610, 680, 810, 890, 990, 1,070, 1,240 and 1,760.
 * - Removed, from the EndpointSlice that takes a leaving pod out to its last new connection, 25 November 2026 (16 rollouts, 48 pods): 0,
 *   40, 130, 250, 440, 620, 790, 850, 900, 940 and 1,110; 29 November 2026 (5 rollouts, 15 pods): 40, 40, 500, 560, 650, 720, 810, 960,
 *   970, 1,310 and 1,430.
 *
 * Both wait for the same synchronisation, because the removal of an old pod follows a new one's readiness: there within about 200 ms, here
 * within 20. So `betweenSyncsMs` is between the two, minus the synchronisations before and after it, of 35 ms on average each. The minimum
 * itself is constant, but on a real cluster a part of it has passed when a pod becomes ready or leaves.
 */
export const defaultEndpointLag: EndpointLag = {
  betweenSyncsMs: [0, 140, 250, 450, 560, 700, 780, 860, 930, 1_050, 1_300],
  extraMs: [10, 60],
}

export interface ServiceProxyOptions {
  store: Store
  network: ServiceNetwork
  lag?: EndpointLag
  /** Called with every failed synchronisation; default: a process warning. It is repeated in any case. */
  onError?: (error: Error) => void
}

/** Starts the proxy. Disposing waits for a synchronisation under way and leaves the rules as they are. */
export function startServiceProxy(options: ServiceProxyOptions): AsyncDisposable {
  const { store, network, lag = defaultEndpointLag, onError = (error) => process.emitWarning(error) } = options
  const stack = new AsyncDisposableStack()
  const stop = new AbortController()
  let programmedRules: ServiceRule[] = []
  let programmedPods = new Map<string, ServicePods>()

  async function syncProxyRules(): Promise<void> {
    // Later changes are left to the next synchronisation: kube-proxy builds its rules from its state at this point.
    const { rules, pods } = computeServiceRules(store)
    let askedUs = monotonicUs()
    if (!isEqualJson(rules, programmedRules)) {
      await sleepUnlessAborted(sampleQuantiles(lag.extraMs), stop.signal)
      if (stop.signal.aborted) return
      askedUs = monotonicUs()
      await network.program(rules)
      programmedRules = rules
    }
    // The kernel applied them at some instant in between.
    const errorUs = Math.ceil((monotonicUs() - askedUs) / 2)
    recordBackendChanges(store, { before: programmedPods, now: pods, when: { atUs: askedUs + errorUs, errorUs } })
    programmedPods = pods
  }

  const runner = stack.use(
    startBoundedFrequencyRunner({
      run: syncProxyRules,
      minIntervalMs: () => sampleQuantiles(lag.betweenSyncsMs),
      onError,
    }),
  )
  stack.defer(() => stop.abort())
  // Every change of a slice requests a synchronisation, even one that does not change the rules, such as the address of a pod that is not
  // ready yet: kube-proxy's minimum period counts from that one too (EndpointsChangeTracker).
  stack.use(store.watch('services', () => runner.request()))
  stack.use(store.watch('endpointslices', () => runner.request()))
  runner.request()
  return stack
}

/** Records each Service whose new connections are now sent to other pods than before. */
function recordBackendChanges(
  store: Store,
  change: {
    before: Map<string, ServicePods>
    now: Map<string, ServicePods>
    when: Pick<NewEvent, 'atUs' | 'errorUs'>
  },
): void {
  const { before, now, when } = change
  for (const [key, { namespace, name, pods }] of now) {
    const service = store.get('services', name, namespace)
    if (!service || isEqualJson(pods, before.get(key)?.pods ?? [])) continue
    const message =
      pods.length > 0
        ? `Now sending new connections to ${pods.join(', ')}`
        : 'Now refusing new connections: no endpoints'
    const detail = JSON.stringify(pods)
    recordEvent(store, {
      about: service,
      reason: 'EndpointsProgrammed',
      message,
      component: 'kube-proxy',
      detail,
      ...when,
    })
  }
}
