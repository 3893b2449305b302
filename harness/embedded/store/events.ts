/** Kubernetes Events of the embedded cluster, with times in µs. */
import { monotonicUs } from '../../base/clock.ts'
import { monotonicAnnotation, monotonicErrorAnnotation } from './objects.ts'
import type { KubeObject, Pod } from './objects.ts'
import { formatNow } from './store.ts'
import type { Store } from './store.ts'

/** The annotation with the details of an event for programs: a signal's name, an exit code, a list of pods. */
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
  /** The error bound of `atUs`, µs; default: negligible. */
  errorUs?: number
}

/** kube-apiserver `--event-ttl`. */
const eventTtlMs = 60 * 60 * 1000

interface RecordedEvent {
  name: string
  namespace: string
  lastMs: number
}

/** For each store its Events by their content, least recently recorded first. */
const recordedEvents = new WeakMap<Store, Map<string, RecordedEvent>>()

/** Creates the Event, or increments the count of an equal one, like client-go's correlator. */
export function recordEvent(store: Store, event: NewEvent): void {
  const { about, reason, message, type = 'Normal', component } = event
  const namespace = about.metadata?.namespace ?? 'default'
  const involvedObject = {
    apiVersion: about.apiVersion ?? 'v1',
    kind: about.kind ?? '',
    name: about.metadata?.name ?? '',
    namespace,
    uid: about.metadata?.uid ?? '',
    ...(event.container !== undefined && { fieldPath: formatFieldPath(event.container, about) }),
  }
  const annotations = {
    [monotonicAnnotation]: String(event.atUs ?? monotonicUs()),
    ...(event.errorUs !== undefined && { [monotonicErrorAnnotation]: String(event.errorUs) }),
    ...(event.detail !== undefined && { [detailAnnotation]: event.detail }),
  }
  const known = getRecordedEvents(store)
  const key = JSON.stringify([namespace, involvedObject.uid, event.container ?? '', type, reason, message, component])
  const same = known.get(key)
  known.delete(key)
  const time = formatNow()
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
  removeExpiredEvents(store, known)
}

function formatFieldPath(container: string, pod: Pod): string {
  const isInit = pod.spec?.initContainers?.some(({ name }) => name === container) === true
  return `spec.${isInit ? 'initContainers' : 'containers'}{${container}}`
}

let lastNanos = 0n

/** Wall clock in ns, strictly increasing: client-go names Events by it, so that a list by name is also one by time. */
function nextNanos(): bigint {
  const nanos = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n
  lastNanos = nanos > lastNanos ? nanos : lastNanos + 1n
  return lastNanos
}

function getRecordedEvents(store: Store): Map<string, RecordedEvent> {
  let known = recordedEvents.get(store)
  if (!known) recordedEvents.set(store, (known = new Map()))
  return known
}

/** A cluster that runs for days keeps an hour of Events, like a real one. */
function removeExpiredEvents(store: Store, known: Map<string, RecordedEvent>): void {
  const before = Date.now() - eventTtlMs
  for (const [key, { name, namespace, lastMs }] of known) {
    if (lastMs >= before) return
    known.delete(key)
    if (store.get('events', name, namespace)) store.remove('events', name, namespace)
  }
}
