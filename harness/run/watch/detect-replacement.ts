/** Finds signs in the changes of a workload's pods that some of them are being replaced. */
import type { V1Pod } from '@kubernetes/client-node'
import type { ObservedChange } from '../../cluster/watch.ts'
import { hasFinished } from '../disrupt/settle.ts'

/** One pod, and what happens to it. `evictedBy`: why it is ended by something other than its controller, by its status. */
export interface ReplacementSign {
  what: 'leaves' | 'new-revision' | 'restarts'
  pod: string
  node: string | null
  atUs: number
  evictedBy: string | null
  /** How long before this news its cause may at most have lost requests. */
  noticeUs: number
  /** Text for people: `pod shop-1 is being deleted`. */
  says: string
}

/** The state of a pod when it was last seen. */
interface KnownPod {
  revision: string | null
  isLeaving: boolean
  /** Whether it has been ready since a container of it was started. */
  hasServed: boolean
  restarts: number
}

/** Maximum time from a change that the API server accepts to its news in the watch. */
const newsUs = 250_000
/** A kubelet checks once a second for containers that have ended (its PLEG), and then informs the API server. */
const exitNewsUs = 3_000_000

/**
 * Controllers label the pods that they make from one template: https://kubernetes.io/docs/reference/labels-annotations-taints/ Pods of a
 * Job and bare pods have neither label.
 */
const revisionLabels = ['pod-template-hash', 'controller-revision-hash']

export class ReplacementDetector {
  readonly #pods = new Map<string, KnownPod>()
  #revisions = new Set<string>()

  /** Counts pods that come, go, restart or get ready for the first time; it is constant while the workload is at rest. */
  changes = 0

  /** Returns the sign in a change, if any. Pods that exist at the beginning are not new. */
  see({ change, object, atUs }: ObservedChange<V1Pod>): ReplacementSign | null {
    const uid = object.metadata?.uid ?? ''
    const known = this.#pods.get(uid)
    if (change === 'deleted') {
      this.#pods.delete(uid)
      this.#noteRevisions()
      this.changes++
      return known === undefined || known.isLeaving ? null : createSign('leaves', object, atUs, 'is gone')
    }
    const now = describePod(object, known)
    const sign = known === undefined ? this.#compareRevision(now, object, atUs) : compare(known, now, object, atUs)
    if (known === undefined || sign !== null || known.hasServed !== now.hasServed) this.changes++
    this.#pods.set(uid, now)
    this.#noteRevisions()
    return sign
  }

  #compareRevision({ revision, isLeaving }: KnownPod, object: V1Pod, atUs: number): ReplacementSign | null {
    if (isLeaving || revision === null || this.#revisions.size === 0 || this.#revisions.has(revision)) return null
    return createSign('new-revision', object, atUs, 'is of another revision')
  }

  /** Stores the revisions of the pods that stay; where all are leaving, as in a Deployment that is recreated, keeps the last ones. */
  #noteRevisions(): void {
    const live = [...this.#pods.values()].filter(({ isLeaving }) => !isLeaving)
    if (live.length > 0) this.#revisions = new Set(live.flatMap(({ revision }) => revision ?? []))
  }
}

function compare(known: KnownPod, now: KnownPod, object: V1Pod, atUs: number): ReplacementSign | null {
  if (now.isLeaving) {
    if (known.isLeaving) return null
    const isEnding = object.metadata?.deletionTimestamp !== undefined
    return createSign('leaves', object, atUs, isEnding ? 'is being deleted' : 'has ended')
  }
  const isRestarted = known.hasServed && now.restarts > known.restarts
  return isRestarted ? createSign('restarts', object, atUs, 'has a container that ended') : null
}

function describePod({ metadata, status }: V1Pod, known: KnownPod | undefined): KnownPod {
  const labels = metadata?.labels ?? {}
  const containers = status?.containerStatuses ?? []
  // A container that has ended is restarted, or its pod has finished.
  const ended = containers.filter(({ state }) => state?.terminated !== undefined).length
  const restarts = containers.reduce((sum, { restartCount }) => sum + restartCount, ended)
  const isReady = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
  return {
    revision: revisionLabels.map((label) => labels[label]).find((value) => value !== undefined) ?? null,
    isLeaving: metadata?.deletionTimestamp !== undefined || hasFinished(status?.phase),
    hasServed: isReady || (known !== undefined && known.hasServed && restarts === known.restarts),
    restarts,
  }
}

// oxlint-disable-next-line max-params -- what a sign consists of
function createSign(what: ReplacementSign['what'], object: V1Pod, atUs: number, says: string): ReplacementSign {
  const { metadata, spec, status } = object
  const pod = metadata?.name ?? ''
  const target = status?.conditions?.find(({ type, status: value }) => type === 'DisruptionTarget' && value === 'True')
  const evictedBy = target?.reason ?? (status?.reason === 'Evicted' ? 'Evicted' : null)
  const isAnnounced = what === 'new-revision' || metadata?.deletionTimestamp !== undefined
  const noticeUs = isAnnounced ? newsUs : exitNewsUs
  return { what, pod, node: spec?.nodeName ?? null, atUs, evictedBy, noticeUs, says: `pod ${pod} ${says}` }
}
