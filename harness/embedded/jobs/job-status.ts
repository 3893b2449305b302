/** The state of a Job's pods, and its consequences for the Job (pkg/controller/job/job_controller.go, syncJob). */
import type { Job, Pod, Stored } from '../store/objects.ts'
import { formatNow } from '../store/store.ts'
import { formatIndexes, getCompletionIndex, parseIndexes } from './job-indexes.ts'
import { isUncounted } from './job-pods.ts'
import { isActive, isPodTerminal, isReady, isTerminating } from '../controllers/pod-state.ts'

export type JobStatus = NonNullable<Job['status']>
type Condition = NonNullable<JobStatus['conditions']>[number]

export interface JobCounts {
  active: Stored<Pod>[]
  terminating: number
  ready: number
  succeeded: number
  failed: number
  completedIndexes: Set<number>
  failedIndexes: Set<number>
}

/** `failuresOf` returns how often the pods of an index have failed, including those counted now. */
export function countPods(job: Stored<Job>, pods: Stored<Pod>[], failuresOf: (index: number) => number): JobCounts {
  const { completedIndexes, failedIndexes, succeeded = 0, failed = 0 } = job.status ?? {}
  const { completions, completionMode, backoffLimitPerIndex } = job.spec ?? {}
  const tally: JobCounts = {
    active: pods.filter(isActive),
    terminating: pods.filter((pod) => isTerminating(pod) && !isPodTerminal(pod)).length,
    ready: pods.filter((pod) => isActive(pod) && isReady(pod)).length,
    succeeded,
    failed,
    completedIndexes: parseIndexes(completedIndexes),
    failedIndexes: parseIndexes(failedIndexes),
  }
  for (const pod of pods.filter(isUncounted)) {
    const index = getCompletionIndex(pod)
    if (pod.status?.phase !== 'Succeeded') tally.failed++
    else if (completionMode !== 'Indexed') tally.succeeded++
    else if (index < (completions ?? 0)) tally.completedIndexes.add(index)
    const limit = backoffLimitPerIndex ?? Infinity
    if (index >= 0 && failuresOf(index) > limit && !tally.completedIndexes.has(index)) tally.failedIndexes.add(index)
  }
  if (completionMode === 'Indexed') tally.succeeded = tally.completedIndexes.size
  return tally
}

export interface JobOutcome {
  type: 'Complete' | 'Failed'
  reason: string
  message: string
}

/** How the Job ends; `null` while it runs. */
export function findOutcome(job: Job, tally: JobCounts): JobOutcome | null {
  const { backoffLimit = 6, completions } = job.spec ?? {}
  if (tally.failed > backoffLimit || isPastBackoffLimitOnFailure(job, tally)) {
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  }
  const { failedIndexes, completedIndexes, succeeded, active } = tally
  if (failedIndexes.size > 0 && failedIndexes.size + completedIndexes.size === completions) {
    return { type: 'Failed', reason: 'FailedIndexes', message: 'Job has failed indexes' }
  }
  const complete = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions
  const message = 'Reached expected number of succeeded pods'
  return complete ? { type: 'Complete', reason: 'CompletionsReached', message } : null
}

/** pastBackoffLimitOnFailure: if containers are restarted in their pod, restarts are counted. */
function isPastBackoffLimitOnFailure({ spec }: Job, { active }: JobCounts): boolean {
  const { backoffLimit = 6, template } = spec ?? {}
  if (template?.spec?.restartPolicy !== 'OnFailure') return false
  const restarts = active
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0)
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit
}

/** A count of 0 is left out on the wire, except for counts of pods that may still change. */
export function createStatus(job: Stored<Job>, tally: JobCounts, ending: JobOutcome | null): JobStatus {
  const { conditions = [], startTime } = job.status ?? {}
  const running = tally.active.length + tally.terminating
  const ended = ending !== null && running === 0
  const indexed = job.spec?.completionMode === 'Indexed'
  const perIndex = job.spec?.backoffLimitPerIndex !== undefined
  return {
    ...(tally.active.length > 0 && { active: tally.active.length }),
    ready: tally.ready,
    terminating: tally.terminating,
    ...(tally.succeeded > 0 && { succeeded: tally.succeeded }),
    ...(tally.failed > 0 && { failed: tally.failed }),
    ...(indexed && tally.completedIndexes.size > 0 && { completedIndexes: formatIndexes(tally.completedIndexes) }),
    ...(perIndex && { failedIndexes: formatIndexes(tally.failedIndexes) }),
    uncountedTerminatedPods: {},
    startTime: startTime ?? formatNow(),
    ...(ended && ending.type === 'Complete' && { completionTime: formatNow() }),
    conditions: ending === null ? conditions : addOutcomeConditions(conditions, ending, ended),
  }
}

/** First a condition that announces the result, and the final one only when the last pod is gone (KEP-3939, since Kubernetes 1.31). */
function addOutcomeConditions(
  conditions: Condition[],
  { type, reason, message }: JobOutcome,
  ended: boolean,
): Condition[] {
  const target = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
  const time = formatNow()
  const createCondition = (type: string): Condition => ({
    type,
    status: 'True',
    lastProbeTime: time,
    lastTransitionTime: time,
    reason,
    message,
  })
  const known = conditions.some((one) => one.type === target)
  return [...conditions, ...(known ? [] : [createCondition(target)]), ...(ended ? [createCondition(type)] : [])]
}
