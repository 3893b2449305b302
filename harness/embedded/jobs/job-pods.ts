/** The pods of a Job: listing and creating them (pkg/controller/job/job_controller.go, indexed_job_utils.go). */
import { recordEvent } from '../store/events.ts'
import type { Job, Pod, Stored } from '../store/objects.ts'
import { admitPodSpec } from '../store/pod-admission.ts'
import { deletePodGracefully } from '../store/pod-deletion.ts'
import type { Store } from '../store/store.ts'
import { indexKey } from './job-indexes.ts'
import { newControllerRef, isControlledBy } from '../controllers/ownership.ts'
import { isPodTerminal, isTerminating } from '../controllers/pod-state.ts'

export const component = 'job-controller'
/** Keeps a pod that has ended until it is counted. */
const trackingFinalizer = 'batch.kubernetes.io/job-tracking'

export function listJobPods(store: Store, job: Stored<Job>): Stored<Pod>[] {
  return store.list('pods', job.metadata.namespace).filter((pod) => isControlledBy(pod, job))
}

/** Whether a pod has ended, for the Job's purposes, but is not in its status yet. */
export function isUncounted(pod: Stored<Pod>): boolean {
  return (isPodTerminal(pod) || isTerminating(pod)) && (pod.metadata.finalizers ?? []).includes(trackingFinalizer)
}

/** Call it once the pod is counted. Idempotent. */
export function removeTrackingFinalizer(store: Store, pod: Stored<Pod>): void {
  const { name, namespace = '', finalizers = [] } = pod.metadata
  if (!finalizers.includes(trackingFinalizer)) return
  store.modify('pods', name, namespace, ({ metadata }) => {
    metadata.finalizers = finalizers.filter((finalizer) => finalizer !== trackingFinalizer)
  })
}

/** `index` is null for a Job without indexes. */
export function createJobPod(store: Store, job: Stored<Job>, index: number | null): void {
  const { metadata = {}, spec } = job.spec?.template ?? {}
  const { name, namespace = '' } = job.metadata
  const own = index === null ? {} : { [indexKey]: String(index) }
  const pod = store.create('pods', {
    metadata: {
      generateName: index === null ? `${name}-` : `${name}-${index}-`,
      namespace,
      labels: { ...metadata.labels, ...own },
      annotations: { ...metadata.annotations, ...own },
      finalizers: [...(metadata.finalizers ?? []), trackingFinalizer],
      ownerReferences: [newControllerRef(job)],
    },
    ...(spec && { spec: admitPodSpec(index === null ? spec : addCompletionIndex(spec, `${name}-${index}`)) }),
    status: { phase: 'Pending' },
  })
  const message = `Created pod: ${pod.metadata.name}`
  recordEvent(store, { about: job, reason: 'SuccessfulCreate', message, component })
}

type PodSpec = NonNullable<Pod['spec']>

/** Every container gets its index, and the pod is named after it. */
function addCompletionIndex(spec: PodSpec, hostname: string): PodSpec {
  const env = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${indexKey}']` } },
  }
  const addCompletionIndexEnv = (container: PodSpec['containers'][number]): PodSpec['containers'][number] =>
    container.env?.some(({ name }) => name === env.name)
      ? container
      : { ...container, env: [...(container.env ?? []), env] }
  return {
    ...spec,
    hostname,
    containers: spec.containers.map(addCompletionIndexEnv),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(addCompletionIndexEnv) }),
  }
}

export function deleteJobPod(store: Store, job: Stored<Job>, pod: Stored<Pod>): void {
  deletePodGracefully(store, pod)
  const message = `Deleted pod: ${pod.metadata.name}`
  recordEvent(store, { about: job, reason: 'SuccessfulDelete', message, component })
}
