/** Kubernetes Events of the embedded cluster, which also say to the µs when a thing happened. */
import { monotonicUs } from '../clock.ts'
import { monotonicAnnotation } from './objects.ts'
import type { KubeObject } from './objects.ts'
import { nowSeconds, suffix } from './store.ts'
import type { Store } from './store.ts'

/** The annotation that carries what happened in a form for programs: a signal's name, an exit code, a list of pods. */
export const detailAnnotation = 'nodrop.dev/detail'

/** Events that only the embedded cluster's node tells; real ones (Started, Killing, FailedPreStopHook …) have no list. */
export type MomentReason =
  | 'PreStopHookStarted'
  | 'PreStopHookFinished'
  | 'StopSignalSent'
  | 'ContainerExited'
  | 'EndpointsProgrammed'

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
}

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
    ...(event.container !== undefined && { fieldPath: `spec.containers{${event.container}}` }),
  }
  const atUs = event.atUs ?? monotonicUs()
  const annotations = {
    [monotonicAnnotation]: String(atUs),
    ...(event.detail !== undefined && { [detailAnnotation]: event.detail }),
  }
  const same = store
    .list('events', namespace)
    .find(
      (known) =>
        known.reason === reason &&
        known.message === message &&
        known.involvedObject.uid === involvedObject.uid &&
        known.involvedObject.fieldPath === involvedObject.fieldPath,
    )
  if (same) {
    store.modify('events', same.metadata.name, namespace, (draft) => {
      draft.count = (draft.count ?? 1) + 1
      draft.lastTimestamp = nowSeconds()
      draft.metadata.annotations = annotations
    })
    return
  }
  const time = nowSeconds()
  store.create('events', {
    metadata: { name: `${involvedObject.name}.${suffix(16)}`, namespace, annotations },
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
}
