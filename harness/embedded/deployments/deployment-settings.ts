/** A Deployment's rollout settings, with the API's defaults filled in. */
import type { Deployment } from '../store/objects.ts'
import { getScaledValueFromIntOrPercent } from '../controllers/int-or-percent.ts'

// MaxInt32 is the documented way to say "no deadline" (deployment_util.go HasProgressDeadline).
const noDeadline = 2 ** 31 - 1

export interface RolloutSettings {
  replicas: number
  recreate: boolean
  /** How many pods there may be above `replicas`; 0 for Recreate. */
  maxSurge: number
  /** How many of `replicas` may be unavailable; 0 for Recreate. */
  maxUnavailable: number
  minReadySeconds: number
  /** `undefined`: no deadline, and then no Progressing condition. */
  progressDeadlineSeconds: number | undefined
  revisionHistoryLimit: number
}

/** Resolves percentages of the replicas and applies defaults (pkg/apis/apps/v1/defaults.go). */
export function resolveRolloutSettings({ spec }: Deployment): RolloutSettings {
  const replicas = spec?.replicas ?? 1
  const recreate = spec?.strategy?.type === 'Recreate'
  const deadline = spec?.progressDeadlineSeconds ?? 600
  return {
    replicas,
    recreate,
    ...(recreate
      ? { maxSurge: 0, maxUnavailable: 0 }
      : resolveFenceposts(spec?.strategy?.rollingUpdate ?? {}, replicas)),
    minReadySeconds: spec?.minReadySeconds ?? 0,
    progressDeadlineSeconds: deadline === noDeadline ? undefined : deadline,
    revisionHistoryLimit: spec?.revisionHistoryLimit ?? 10,
  }
}

interface RollingUpdate {
  maxSurge?: number | string
  maxUnavailable?: number | string
}

/**
 * Surge rounds up, unavailability down; when both are 0 the rollout could never progress, so one pod may be unavailable (deployment_util.go
 * ResolveFenceposts, MaxUnavailable). https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export function resolveFenceposts(
  { maxSurge = '25%', maxUnavailable = '25%' }: RollingUpdate,
  replicas: number,
): { maxSurge: number; maxUnavailable: number } {
  const surge = getScaledValueFromIntOrPercent(maxSurge, replicas, 'up')
  const unavailable = getScaledValueFromIntOrPercent(maxUnavailable, replicas, 'down')
  return { maxSurge: surge, maxUnavailable: Math.min(surge === 0 && unavailable === 0 ? 1 : unavailable, replicas) }
}
