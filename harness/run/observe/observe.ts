/** Watches a run's namespace, follows its pods' logs, and turns both into records of the event log. */
import type { CoreV1Event, KubernetesObject, V1EndpointSlice, V1ObjectReference, V1Pod } from '@kubernetes/client-node'
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
import { PodNames } from './pod-names.ts'
import { summarizeEndpoints, summarizePod } from './object-summaries.ts'
import { WallClock } from './node-timestamps.ts'

export interface ObserveOptions {
  api: KubeApi
  namespace: string
  workload: Pick<Workload, 'selector' | 'containers'> & Partial<Pick<Workload, 'name' | 'namespace' | 'service'>>
  /** The prefix of the ids of this run's requests. */
  runToken: string
  /** Maximum number of lines about requests that are kept of servers' logs. */
  mostServed: number
  clock: Clock
  /** Whether the cluster's Events carry times of this machine's monotonic clock. */
  exactEvents: boolean
  /** How far the nodes' wall clocks are ahead of this machine's; `null` where that is unknown. */
  nodeClock: NodeClock | null
  write: (record: LogRecord) => void
  /** Gets each change of a pod as it came, before it is stored or written. */
  onPod?: (seen: ObservedChange<V1Pod>) => void
  signal: AbortSignal
}

/** The present state of the workload's pods. */
export interface Observer {
  readonly pods: ReadonlyMap<string, PodSnapshot>
  readonly names: PodNames
  /** Resolves when, after the signal, all watches have ended and all logs are read to their ends at that time. */
  readonly done: Promise<void>
}

export async function observeNamespace(options: ObserveOptions): Promise<Observer> {
  const pods = new Map<string, PodSnapshot>()
  const names = new PodNames()
  const recorded = new Set<string>()
  const { namespace, workload, write, clock, nodeClock } = options
  const labelSelector = formatLabelSelector(workload.selector)
  const wall = new WallClock(clock, nodeClock)
  const nameTarget =
    (atUs: number) =>
    ({ name = '', uid }: V1ObjectReference): string =>
      names.nameOf(name, uid, atUs)
  const logs = new PodLogFollower({ ...options, only: workload.containers.logs, wall })
  const loops = await Promise.all([
    watchResource<V1Pod>(
      options,
      { path: `/api/v1/namespaces/${namespace}/pods`, query: { labelSelector } },
      (seen) => {
        options.onPod?.(seen)
        const object = names.renamePod(seen.object, seen.atUs)
        const pod = summarizePod(object)
        if (seen.change === 'deleted') pods.delete(pod.name)
        else pods.set(pod.name, pod)
        write({ type: 'pod', t: seen.atUs, change: seen.change, pod })
        for (const record of toStatusRecords(object, seen.atUs, wall, recorded)) write(record)
        if (seen.change !== 'deleted') logs.see(pod)
        // A long watch must not keep pods that are gone.
        else for (const key of recorded) if (key.startsWith(pod.uid)) recorded.delete(key)
      },
    ),
    watchResource<V1EndpointSlice>(
      options,
      { path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, query: selectSlices(workload) },
      ({ object, atUs, change }) =>
        write({ type: 'endpoints', t: atUs, ...summarizeEndpoints(object, change === 'deleted', nameTarget(atUs)) }),
    ),
    watchResource<CoreV1Event>(options, { path: `/api/v1/namespaces/${namespace}/events` }, (seen) => {
      const { involvedObject } = seen.object
      if (seen.change === 'deleted' || !(concerns(seen.object, workload) || names.has(involvedObject.name ?? '')))
        return
      const event = Object.assign({}, seen.object, { involvedObject: names.renameReference(involvedObject) })
      for (const record of toEventRecords(event, seen.atUs, { ...options, wall })) write(record)
    }),
  ])
  const alive = monitorApi(options)
  return { pods, names, done: Promise.all([...loops.map(({ done }) => done), logs.done(), alive]).then(() => {}) }
}

/** A namespace that the run did not make has Services of other workloads too. */
function selectSlices({ namespace, service }: ObserveOptions['workload']): Record<string, string> {
  return namespace === undefined || !service ? {} : { labelSelector: `kubernetes.io/service-name=${service.name}` }
}

/** It has other Events too: those of the workload concern it, its Service, or objects whose names begin with its name. */
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
