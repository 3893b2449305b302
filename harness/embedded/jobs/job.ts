/**
 * Runs pods until enough of them have succeeded, or too many failed (pkg/controller/job/job_controller.go).
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/
 */
import { recordEvent } from '../store/events.ts'
import type { Job, Pod, Stored } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { getCompletionIndex } from './job-indexes.ts'
import { component, createJobPod, deleteJobPod, isUncounted, listJobPods, removeTrackingFinalizer } from './job-pods.ts'
import { findOutcome, createStatus, countPods } from './job-status.ts'
import type { JobOutcome, JobCounts } from './job-status.ts'
import { getControllerKeys, getControllerOf } from '../controllers/ownership.ts'
import { getPodsToDelete } from '../deployments/pods-to-delete.ts'
import { feedQueue, formatKey, splitKey, startWorkQueue } from '../controllers/work-queue.ts'
import type { ControllerOptions } from '../controllers/work-queue.ts'

/** DefaultJobPodFailureBackOff, doubled with each failure in a row up to MaxJobPodFailureBackOff. */
const firstBackOffMs = 10_000
const longestBackOffMs = 600_000

/** Starts the controller. */
export function startJobController({ store, onError }: ControllerOptions): Disposable {
  const stack = new DisposableStack()
  const failures: Failures = new Map()
  const queue = stack.use(startWorkQueue({ name: component, sync: (key) => syncJob(store, failures, key), onError }))
  stack.use(feedQueue(queue, store, 'jobs', (job) => [formatKey(job)]))
  stack.use(feedQueue(queue, store, 'pods', (pod) => getControllerKeys(pod, 'Job')))
  return stack
}

/** Failures since the last success, of a Job by its uid and of an index by `uid/index`. */
type Failures = Map<string, { count: number; lastMs: number }>

function syncJob(store: Store, failures: Failures, key: string): number | undefined {
  const [namespace, name] = splitKey(key)
  const job = store.get('jobs', name, namespace)
  if (!job) return removeOrphanFinalizers(store, namespace, name)
  const pods = listJobPods(store, job)
  const uncounted = pods.filter(isUncounted)
  let againMs: number | undefined
  if (!isJobFinished(job)) {
    for (const pod of uncounted) recordPodResult(failures, job, pod)
    const tally = countPods(job, pods, (index) => failures.get(formatIndexKey(job, index))?.count ?? 0)
    const ending = findOutcome(job, tally)
    updateStatus(store, job, { tally, ending })
    // These changes bring the Job back into the queue, so that its status is updated.
    if (ending !== null) for (const pod of tally.active) deleteJobPod(store, job, pod)
    else if (job.metadata.deletionTimestamp === undefined) againMs = manageJob(store, failures, { job, tally })
  }
  for (const pod of uncounted) removeTrackingFinalizer(store, pod)
  return againMs
}

function isJobFinished({ status }: Job): boolean {
  return status?.conditions?.some(({ type }) => type === 'Complete' || type === 'Failed') ?? false
}

/** The pods of a deleted Job are no longer counted. */
function removeOrphanFinalizers(store: Store, namespace: string, name: string): undefined {
  for (const pod of store.list('pods', namespace)) {
    const owner = getControllerOf(pod)
    if (owner?.kind === 'Job' && owner.name === name) removeTrackingFinalizer(store, pod)
  }
}

function formatIndexKey({ metadata }: Stored<Job>, index: number): string {
  return `${metadata.uid}/${index}`
}

function recordPodResult(failures: Failures, job: Stored<Job>, pod: Stored<Pod>): void {
  const keys = [job.metadata.uid, formatIndexKey(job, getCompletionIndex(pod))]
  for (const key of keys) {
    if (pod.status?.phase === 'Succeeded') failures.delete(key)
    else failures.set(key, { count: (failures.get(key)?.count ?? 0) + 1, lastMs: Date.now() })
  }
}

function updateStatus(
  store: Store,
  job: Stored<Job>,
  { tally, ending }: { tally: JobCounts; ending: JobOutcome | null },
): void {
  const { name, namespace = '' } = job.metadata
  const status = createStatus(job, tally, ending)
  const written = store.modify('jobs', name, namespace, (draft) => (draft.status = status))
  if (!isJobFinished(written) || ending === null) return
  const { type, reason, message } = ending
  if (type === 'Complete') recordEvent(store, { about: job, reason: 'Completed', message: 'Job completed', component })
  else recordEvent(store, { about: job, type: 'Warning', reason, message, component })
}

/** Brings the number of active pods to the target. Returns the number of ms until a failed pod may be replaced. */
function manageJob(
  store: Store,
  failures: Failures,
  { job, tally }: { job: Stored<Job>; tally: JobCounts },
): number | undefined {
  const { active } = tally
  const missing = computeWantedPods(job, tally) - active.length
  if (missing < 0) for (const pod of getPodsToDelete(active, active, -missing)) deleteJobPod(store, job, pod)
  const waits = listNextIndexes(job, tally, missing).map((index) => {
    const waitMs = computeBackOffMs(failures, index === null ? job.metadata.uid : formatIndexKey(job, index))
    if (waitMs <= 0) createJobPod(store, job, index)
    return waitMs
  })
  const pending = waits.filter((waitMs) => waitMs > 0)
  return pending.length > 0 ? Math.min(...pending) : undefined
}

function computeWantedPods({ spec }: Job, { succeeded, active, failedIndexes }: JobCounts): number {
  const { parallelism = 1, completions } = spec ?? {}
  // A Job without completions: once one pod has succeeded no other is started.
  if (completions === undefined) return succeeded > 0 ? Math.min(active.length, parallelism) : parallelism
  return Math.min(completions - succeeded - failedIndexes.size, parallelism)
}

/** The next pods to start: the first indexes without a pod, or pods without an index. */
function listNextIndexes({ spec }: Job, tally: JobCounts, missing: number): (number | null)[] {
  const count = Math.max(0, missing)
  if (spec?.completionMode !== 'Indexed') return Array.from({ length: count }, () => null)
  const taken = new Set([...tally.active.map(getCompletionIndex), ...tally.completedIndexes, ...tally.failedIndexes])
  const all = Array.from({ length: spec.completions ?? 0 }, (_, index) => index)
  return all.filter((index) => !taken.has(index)).slice(0, count)
}

function computeBackOffMs(failures: Failures, key: string): number {
  const failed = failures.get(key)
  if (!failed) return 0
  const delayMs = Math.min(firstBackOffMs * 2 ** (failed.count - 1), longestBackOffMs)
  return failed.lastMs + delayMs - Date.now()
}
