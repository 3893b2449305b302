/** Watches a run's namespace, follows its pods' logs, and turns what arrives into records of the event log. */
import type { CoreV1Event, KubernetesObject, V1EndpointSlice, V1Pod } from '@kubernetes/client-node'
import type { KubeApi } from '../../cluster/api.ts'
import type { NodeClock } from '../../cluster/node-clock.ts'
import { monitorLiveness } from '../../cluster/liveness.ts'
import { startWatch } from '../../cluster/watch.ts'
import type { ObservedChange } from '../../cluster/watch.ts'
import type { Clock } from '../../base/clock.ts'
import type { LogRecord, PodSnapshot } from '../../model/record.ts'
import { formatLabelSelector } from '../../model/workload.ts'
import type { Workload } from '../../model/workload.ts'
import { toEventRecords, toStatusRecords } from './event-records.ts'
import { PodLogFollower } from './follow-pod-logs.ts'
import { summarizeEndpoints, summarizePod } from './object-summaries.ts'
import { WallClock } from './node-timestamps.ts'

export interface ObserveOptions {
  api: KubeApi
  namespace: string
  workload: Pick<Workload, 'selector' | 'containers'> & Partial<Pick<Workload, 'name' | 'namespace' | 'service'>>
  /** What the ids of this run's requests begin with. */
  runToken: string
  /** So many lines of servers' logs about requests are kept. */
  mostServed: number
  clock: Clock
  /** True when the cluster's Events carry times of this machine's monotonic clock. */
  exactEvents: boolean
  /** How far the nodes' wall clocks run ahead of this machine's; `null` where nobody can tell. */
  nodeClock: NodeClock | null
  write: (record: LogRecord) => void
  /** Gets each change of a pod as it came, before it is known or written. */
  onPod?: (seen: ObservedChange<V1Pod>) => void
  signal: AbortSignal
}

/** What is known of the workload's pods at this moment. */
export interface Observer {
  readonly pods: ReadonlyMap<string, PodSnapshot>
  /** Resolves when, after the signal, every watch has ended and every log is read to where it then was. */
  readonly done: Promise<void>
}

export async function observeNamespace(options: ObserveOptions): Promise<Observer> {
  const pods = new Map<string, PodSnapshot>()
  const recorded = new Set<string>()
  const { namespace, workload, write, clock, nodeClock } = options
  const labelSelector = formatLabelSelector(workload.selector)
  const wall = new WallClock(clock, nodeClock)
  const logs = new PodLogFollower({ ...options, only: workload.containers.logs, wall })
  const loops = await Promise.all([
    watchResource<V1Pod>(
      options,
      { path: `/api/v1/namespaces/${namespace}/pods`, query: { labelSelector } },
      (seen) => {
        options.onPod?.(seen)
        const pod = summarizePod(seen.object)
        if (seen.change === 'deleted') pods.delete(pod.name)
        else pods.set(pod.name, pod)
        write({ type: 'pod', t: seen.atUs, change: seen.change, pod })
        for (const record of toStatusRecords(seen.object, seen.atUs, wall, recorded)) write(record)
        if (seen.change !== 'deleted') logs.see(pod)
        // For a watch that lasts, what has gone must not be remembered.
        else for (const key of recorded) if (key.startsWith(pod.uid)) recorded.delete(key)
      },
    ),
    watchResource<V1EndpointSlice>(
      options,
      { path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, query: selectSlices(workload) },
      (seen) =>
        write({ type: 'endpoints', t: seen.atUs, ...summarizeEndpoints(seen.object, seen.change === 'deleted') }),
    ),
    watchResource<CoreV1Event>(options, { path: `/api/v1/namespaces/${namespace}/events` }, (seen) => {
      if (seen.change === 'deleted' || !concerns(seen.object, workload)) return
      for (const record of toEventRecords(seen.object, seen.atUs, { ...options, wall })) write(record)
    }),
  ])
  const alive = monitorApi(options)
  return { pods, done: Promise.all([...loops.map(({ done }) => done), logs.done(), alive]).then(() => {}) }
}

/** A namespace that the run did not make has Services of others as well. */
function selectSlices({ namespace, service }: ObserveOptions['workload']): Record<string, string> {
  return namespace === undefined || !service ? {} : { labelSelector: `kubernetes.io/service-name=${service.name}` }
}

/** There are Events of others in it too: those of the workload are about it, its Service, or what is named after it. */
function concerns({ involvedObject: { name = '' } }: CoreV1Event, workload: ObserveOptions['workload']): boolean {
  if (workload.namespace === undefined || workload.name === undefined) return true
  return name === workload.name || name === workload.service?.name || name.startsWith(`${workload.name}-`)
}

function monitorApi({ api, clock, signal, write }: ObserveOptions): Promise<void> {
  const requestVersion = (limit: AbortSignal): Promise<unknown> => api.request({ path: '/version', signal: limit })
  const onGap = (from: number, why: string): void =>
    write({ type: 'gap', t: clock.now(), from, what: 'the API server', why })
  return monitorLiveness({ probe: requestVersion, clock, onGap, signal })
}

async function watchResource<T extends KubernetesObject>(
  { api, clock, signal, write }: ObserveOptions,
  { path, query = {} }: { path: string; query?: Record<string, string> },
  onSeen: (seen: ObservedChange<T>) => void,
): Promise<{ done: Promise<void> }> {
  const what = path.slice(path.lastIndexOf('/') + 1)
  const onGap = (from: number, why: string): void => write({ type: 'gap', t: clock.now(), from, what, why })
  return startWatch<T>({ api, path, query, clock, signal, onChange: onSeen, onGap })
}
