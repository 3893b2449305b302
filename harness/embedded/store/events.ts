/** Kubernetes Events of the embedded cluster, which also say to the µs when a thing happened. */
import { monotonicUs } from '../../base/clock.ts'
import { monotonicAnnotation, monotonicErrorAnnotation } from './objects.ts'
import type { KubeObject, Pod } from './objects.ts'
import { nowSeconds } from './store.ts'
import type { Store } from './store.ts'

/** The annotation that carries what happened in a form for programs: a signal's name, an exit code, a list of pods. */
export const detailAnnotation = 'nodrop.dev/detail'

export interface NewEvent {
  about: KubeObject
  reason: string
  message: string
  type?: 'Normal' | 'Warning'
  /** `kubelet`, `deployment-controller` … */
  component: string
  node?: string
  container?: string
  detail?: string
  /** CLOCK_MONOTONIC, µs; default: now. */
  atUs?: number
  /** By how much `atUs` may be wrong, µs; default: as good as nothing. */
  errorUs?: number
}

/** kube-apiserver `--event-ttl`. */
const keptMs = 60 * 60 * 1000

interface Known {
  name: string
  namespace: string
  lastMs: number
}

/** For each store its Events by what they say, the one that was longest silent first. */
const knownEvents = new WeakMap<Store, Map<string, Known>>()

/** Creates the Event, or counts the one that says the same up (as client-go's correlator does, which keeps lists short). */
export function recordEvent(store: Store, event: NewEvent): void {
  const { about, reason, message, type = 'Normal', component } = event
  const namespace = about.metadata?.namespace ?? 'default'
  const involvedObject = {
    apiVersion: about.apiVersion ?? 'v1',
    kind: about.kind ?? '',
    name: about.metadata?.name ?? '',
    namespace,
    uid: about.metadata?.uid ?? '',
    ...(event.container !== undefined && { fieldPath: pathOf(event.container, about) }),
  }
  const annotations = {
    [monotonicAnnotation]: String(event.atUs ?? monotonicUs()),
    ...(event.errorUs !== undefined && { [monotonicErrorAnnotation]: String(event.errorUs) }),
    ...(event.detail !== undefined && { [detailAnnotation]: event.detail }),
  }
  const known = knownOf(store)
  const key = JSON.stringify([namespace, involvedObject.uid, event.container ?? '', type, reason, message, component])
  const same = known.get(key)
  known.delete(key)
  const time = nowSeconds()
  if (same && store.get('events', same.name, namespace)) {
    known.set(key, { ...same, lastMs: Date.now() })
    store.modify('events', same.name, namespace, (draft) => {
      draft.count = (draft.count ?? 1) + 1
      draft.lastTimestamp = time
      draft.metadata.annotations = annotations
    })
    return
  }
  const name = `${involvedObject.name}.${nextNanos().toString(16)}`
  known.set(key, { name, namespace, lastMs: Date.now() })
  store.create('events', {
    metadata: { name, namespace, annotations },
    involvedObject,
    reason,
    message,
    type,
    count: 1,
    firstTimestamp: time,
    lastTimestamp: time,
    source: { component, ...(event.node !== undefined && { host: event.node }) },
    reportingComponent: component,
    reportingInstance: event.node ?? '',
  })
  expire(store, known)
}

function pathOf(container: string, pod: Pod): string {
  const isInit = pod.spec?.initContainers?.some(({ name }) => name === container) === true
  return `spec.${isInit ? 'initContainers' : 'containers'}{${container}}`
}

let lastNanos = 0n

/** Wall clock in ns, each time later: client-go names Events by it, so that a list by name is one by time. */
function nextNanos(): bigint {
  const nanos = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n
  lastNanos = nanos > lastNanos ? nanos : lastNanos + 1n
  return lastNanos
}

function knownOf(store: Store): Map<string, Known> {
  let known = knownEvents.get(store)
  if (!known) knownEvents.set(store, (known = new Map()))
  return known
}

/** A cluster that is kept running for days keeps an hour of Events, as a real one. */
function expire(store: Store, known: Map<string, Known>): void {
  const before = Date.now() - keptMs
  for (const [key, { name, namespace, lastMs }] of known) {
    if (lastMs >= before) return
    known.delete(key)
    if (store.get('events', name, namespace)) store.remove('events', name, namespace)
  }
}
