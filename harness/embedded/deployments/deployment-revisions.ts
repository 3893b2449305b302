/** The revisions of a Deployment: one ReplicaSet for each pod template it has had (pkg/controller/deployment/sync.go). */
import { isEqualJson } from '../store/json.ts'
import type { Deployment, ReplicaSet, Stored } from '../store/objects.ts'
import { StoreError } from '../store/store.ts'
import type { Store } from '../store/store.ts'
import {
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  recordScalingEvent,
  createSizeAnnotations,
  getReplicas,
  sumReplicas,
} from './deployment-scaling.ts'
import type { Rollout } from './deployment-scaling.ts'
import { resolveRolloutSettings } from './deployment-settings.ts'
import { setCondition, createStatusWithConditions } from './deployment-conditions.ts'
import { newControllerRef, isControlledBy } from '../controllers/ownership.ts'
import { computeHash, templateHashLabel } from './template-hash.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'
const historyAnnotation = 'deployment.kubernetes.io/revision-history'
const notInherited = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
])

/** Reads the Deployment and its ReplicaSets. */
export function readRollout(store: Store, namespace: string, name: string): Rollout | undefined {
  const deployment = store.get('deployments', name, namespace)
  if (!deployment) return undefined
  // The store lists in order of creation, as the API's answer is sorted by FindNewReplicaSet.
  const sets = store.list('replicasets', namespace).filter((set) => isControlledBy(set, deployment))
  const current = sets.find((set) => equalIgnoreHash(deployment, set))
  return { deployment, current, old: sets.filter((set) => set !== current) }
}

/** Equal except for the hash (deployment_util.go EqualIgnoreHash): a template that is restored finds its old ReplicaSet. */
function equalIgnoreHash(deployment: Deployment, set: ReplicaSet): boolean {
  return isEqualJson(removeHash(deployment.spec?.template), removeHash(set.spec?.template))
}

function removeHash(template: ReplicaSetTemplate | undefined): ReplicaSetTemplate {
  const { [templateHashLabel]: _hash, ...labels } = template?.metadata?.labels ?? {}
  return { ...template, metadata: { ...template?.metadata, labels } }
}
type ReplicaSetTemplate = NonNullable<NonNullable<ReplicaSet['spec']>['template']>

/** Updates the current set's annotations and the Deployment's revision; creates the set when `create`. */
export function syncRevision(store: Store, rollout: Rollout, create: boolean): void {
  const revision = 1 + Math.max(0, ...rollout.old.map(getRevision))
  const { deployment, current } = rollout
  if (current) {
    const { name, namespace = '' } = current.metadata
    const updated = store.modify('replicasets', name, namespace, (draft) => {
      draft.metadata.annotations = createAnnotations(deployment, draft, revision)
      if (draft.spec) draft.spec.minReadySeconds = resolveRolloutSettings(deployment).minReadySeconds
    })
    recordRevision(store, deployment, { revision: getRevision(updated), found: name })
  } else if (create) {
    const set = createNewReplicaSet(store, rollout, revision)
    recordRevision(store, deployment, { revision, created: set.metadata.name })
  }
}

function getRevision(set: ReplicaSet): number {
  return Number(set.metadata?.annotations?.[revisionAnnotation] ?? 0) || 0
}

/** The Deployment's own annotations, and the revision; earlier revisions of a set are kept (`rollout history`). */
function createAnnotations(deployment: Deployment, set: ReplicaSet, revision: number): Record<string, string> {
  const before = set.metadata?.annotations ?? {}
  const own = Object.entries(deployment.metadata?.annotations ?? {}).filter(([name]) => !notInherited.has(name))
  const known = getRevision(set)
  const annotations = { ...before, ...Object.fromEntries(own) }
  if (known >= revision) return annotations
  annotations[revisionAnnotation] = String(revision)
  if (known > 0) {
    annotations[historyAnnotation] = [before[historyAnnotation], known].filter((part) => part !== undefined).join(',')
  }
  return annotations
}

function createNewReplicaSet(store: Store, rollout: Rollout, revision: number): Stored<ReplicaSet> {
  const { deployment, old } = rollout
  const { replicas, maxSurge, minReadySeconds } = resolveRolloutSettings(deployment)
  const { namespace = '' } = deployment.metadata
  const template = deployment.spec?.template ?? {}
  const hash = computeHash(template, deployment.status?.collisionCount)
  const labels = { ...template.metadata?.labels, [templateHashLabel]: hash }
  const selector = deployment.spec?.selector ?? {}
  const size = Math.max(0, Math.min(replicas, replicas + maxSurge - sumReplicas(old)))
  const wanted: ReplicaSet = {
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace,
      labels,
      annotations: { ...createAnnotations(deployment, {}, revision), ...createSizeAnnotations(deployment) },
      ownerReferences: [newControllerRef(deployment)],
    },
    spec: {
      replicas: size,
      minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [templateHashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
    status: { replicas: 0 },
  }
  try {
    const set = store.create('replicasets', wanted)
    if (size > 0) recordScalingEvent(store, deployment, { set: set.metadata.name, from: 0, to: size })
    return set
  } catch (error) {
    if (error instanceof StoreError && error.reason === 'AlreadyExists') incrementCollisionCount(store, deployment)
    throw error
  }
}

/** A foreign ReplicaSet has the name: the next attempt hashes with the new count and gets another one. */
function incrementCollisionCount(store: Store, { metadata }: Stored<Deployment>): void {
  store.modify('deployments', metadata.name, metadata.namespace ?? '', (draft) => {
    draft.status = { ...draft.status, collisionCount: (draft.status?.collisionCount ?? 0) + 1 }
  })
}

function recordRevision(
  store: Store,
  deployment: Stored<Deployment>,
  { revision, created, found }: { revision: number; created?: string; found?: string },
): void {
  const { name, namespace = '' } = deployment.metadata
  store.modify('deployments', name, namespace, (draft) => {
    draft.metadata.annotations = { ...draft.metadata.annotations, [revisionAnnotation]: String(revision) }
    if (resolveRolloutSettings(deployment).progressDeadlineSeconds === undefined) return
    const conditions = draft.status?.conditions ?? []
    const isNew = created !== undefined
    if (!isNew && conditions.some((condition) => condition.type === 'Progressing')) return
    const changed = setCondition(conditions, {
      type: 'Progressing',
      status: 'True',
      reason: isNew ? 'NewReplicaSetCreated' : 'FoundNewReplicaSet',
      message: isNew ? `Created new replica set "${created}"` : `Found new replica set "${found}"`,
    })
    draft.status = createStatusWithConditions(draft.status, changed)
  })
}

/** Deletes the oldest revisions with zero replicas, beyond `revisionHistoryLimit` (sync.go cleanupDeployment). */
export function cleanupDeployment(store: Store, rollout: Rollout): void {
  const { revisionHistoryLimit } = resolveRolloutSettings(rollout.deployment)
  const candidates = rollout.old.filter((set) => set.metadata.deletionTimestamp === undefined)
  const surplus = Math.max(0, candidates.length - revisionHistoryLimit)
  for (const set of candidates.toSorted((a, b) => getRevision(a) - getRevision(b)).slice(0, surplus)) {
    const observed = (set.status?.observedGeneration ?? 0) >= (set.metadata.generation ?? 1)
    if (getReplicas(set) > 0 || (set.status?.replicas ?? 0) > 0 || !observed) continue
    store.remove('replicasets', set.metadata.name, set.metadata.namespace)
  }
}

/** The rollout as it is now in the store. */
export function refreshRollout(store: Store, { deployment }: Rollout): Rollout {
  const { name, namespace = '' } = deployment.metadata
  const now = readRollout(store, namespace, name)
  if (now?.deployment.metadata.uid !== deployment.metadata.uid) {
    throw new StoreError('NotFound', `deployments.apps "${name}" not found`)
  }
  return now
}
