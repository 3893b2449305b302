/** Deployments: the course of a rollout, its conditions, its revisions. */
import { setTimeout as sleep } from 'node:timers/promises'
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import { lateMs } from '../stage/pod-ending.ts'
import { isAtLeast, isBetween, matchesPattern } from '../stage/expectation.ts'
import { buildContainer, buildPodSpec, waitLoop } from '../stage/pods.ts'
import { nowMs } from '../stage/case-context.ts'
import type { CaseContext } from '../stage/case-context.ts'
import {
  waitForAvailable,
  changeDeployment,
  createDeployment,
  waitForDeployment,
  isPodReady,
  neverReady,
  buildTemplatePatch,
  listPresentPods,
  listReplicaSets,
} from '../stage/workloads.ts'

const buildRollingUpdate = (maxSurge: number, maxUnavailable: number): object => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge, maxUnavailable },
})

/** Readiness takes a second, so that replacing too early would show. */
const slowlyReadyPod = buildPodSpec(
  [
    buildContainer('main', `trap 'exit 0' TERM; ${waitLoop}`, {
      readinessProbe: { exec: { command: ['true'] }, initialDelaySeconds: 1, periodSeconds: 1 },
    }),
  ],
  { terminationGracePeriodSeconds: 2 },
)

async function observeBounds(scene: CaseContext): Promise<Observations> {
  await createDeployment(scene, { replicas: 3, strategy: buildRollingUpdate(1, 0) }, slowlyReadyPod)
  await waitForAvailable(scene, 3)
  const from = scene.pods.length
  await changeDeployment(scene, buildTemplatePatch(slowlyReadyPod))
  await waitForAvailable(scene, 3)
  await waitForDeployment(scene, 'to be without old pods', ({ status }) => status?.replicas === 3)
  const during = listPresentPods(scene).slice(from)
  return {
    fewestReady: Math.min(...during.map((pods) => pods.filter(isPodReady).length)),
    mostPods: Math.max(...during.map((pods) => pods.length)),
  }
}

async function observeMinReadySeconds(scene: CaseContext): Promise<Observations> {
  await createDeployment(scene, { replicas: 1, minReadySeconds: 4 })
  await waitForDeployment(scene, 'to be ready', ({ status }) => status?.readyReplicas === 1)
  const readyMs = nowMs()
  const { status } = await waitForAvailable(scene, 1)
  return { availableAfterMs: Math.round(nowMs() - readyMs), readyReplicas: status?.readyReplicas ?? null }
}

async function observeRecreate(scene: CaseContext): Promise<Observations> {
  await createDeployment(scene, { replicas: 2, strategy: { type: 'Recreate' } })
  await waitForAvailable(scene, 2)
  const old = new Set(scene.pods.map(({ pod }) => pod.metadata?.name))
  await changeDeployment(scene, buildTemplatePatch())
  await waitForDeployment(
    scene,
    'to run two new pods',
    ({ metadata, status }) =>
      status?.observedGeneration === metadata?.generation &&
      status?.updatedReplicas === 2 &&
      status.availableReplicas === 2,
  )
  const isOld = ({ pod }: CaseContext['pods'][number]): boolean => old.has(pod.metadata?.name)
  // A pod whose containers have all ended no longer counts for the Deployment controller.
  const hasEnded = ({ change, pod }: CaseContext['pods'][number]): boolean =>
    change === 'deleted' || ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')
  const firstNew = scene.pods.findIndex((version) => !isOld(version))
  const before = scene.pods.slice(0, firstNew)
  const gone = [...old].every((name) =>
    before.some((version) => version.pod.metadata?.name === name && hasEnded(version)),
  )
  return { goneBeforeNew: firstNew !== -1 && gone, old: old.size }
}

async function observeDeadline(scene: CaseContext): Promise<Observations> {
  const from = nowMs()
  await createDeployment(scene, { replicas: 1, progressDeadlineSeconds: 4 }, neverReady)
  const { status } = await waitForDeployment(
    scene,
    'to give up',
    ({ status }) =>
      status?.conditions?.some(({ type, status }) => type === 'Progressing' && status === 'False') === true,
  )
  const condition = status?.conditions?.find(({ type }) => type === 'Progressing')
  const { reason = null, message = null } = condition ?? {}
  return { reason, message, afterMs: Math.round(nowMs() - from), replicas: status?.replicas ?? null }
}

async function observeCompleteDeployment(scene: CaseContext): Promise<Observations> {
  await createDeployment(scene, { replicas: 1 })
  const { status } = await waitForDeployment(
    scene,
    'to be complete',
    ({ status }) => status?.conditions?.some(({ reason }) => reason === 'NewReplicaSetAvailable') === true,
  )
  return {
    conditions: Object.fromEntries(
      status?.conditions?.map(({ type, status, reason }) => [type, `${status} ${reason}`]) ?? [],
    ),
  }
}

async function observePausedDeployment(scene: CaseContext): Promise<Observations> {
  await createDeployment(scene, { replicas: 1 })
  await waitForAvailable(scene, 1)
  await changeDeployment(scene, { spec: { paused: true } })
  await changeDeployment(scene, buildTemplatePatch())
  await waitForDeployment(
    scene,
    'to be observed',
    ({ status, metadata }) => status?.observedGeneration === metadata?.generation,
  )
  await sleep(1_500)
  const whilePaused = (await listReplicaSets(scene)).length
  await changeDeployment(scene, { spec: { paused: false } })
  await waitForAvailable(scene, 1)
  return { whilePaused, afterwards: (await listReplicaSets(scene)).length }
}

export const rollout: Topic = {
  topic: 'Deployments',
  cases: [
    {
      name: 'rollout-bounds',
      claim:
        'With maxSurge 1 and maxUnavailable 0 there are never fewer ready pods than replicas, nor more than one pod more.',
      source: `${pages.deployment}#rolling-update-deployment`,
      observe: observeBounds,
      expected: { fewestReady: 3, mostPods: 4 },
    },
    {
      name: 'min-ready-seconds',
      claim: 'A pod is available when it has been ready for minReadySeconds.',
      source: `${pages.deployment}#min-ready-seconds`,
      observe: observeMinReadySeconds,
      expected: { availableAfterMs: isBetween(3000, 4000 + lateMs), readyReplicas: 1 },
    },
    {
      name: 'recreate',
      claim: 'With Recreate no new pod is made before all old ones are gone.',
      source: `${pages.deployment}#recreate-deployment`,
      observe: observeRecreate,
      expected: { old: 2, goneBeforeNew: true },
    },
    {
      name: 'progress-deadline',
      claim: 'A rollout without progress for progressDeadlineSeconds is marked so, and its pods stay.',
      source: `${pages.deployment}#progress-deadline-seconds`,
      observe: observeDeadline,
      expected: {
        reason: 'ProgressDeadlineExceeded',
        message: matchesPattern(/^ReplicaSet "web-[a-z0-9]+" has timed out progressing\.$/),
        afterMs: isAtLeast(4000),
        replicas: 1,
      },
    },
    {
      name: 'complete-deployment',
      claim: 'A Deployment whose pods are all new and available says so in its conditions.',
      source: `${pages.deployment}#complete-deployment`,
      observe: observeCompleteDeployment,
      expected: {
        conditions: { Available: 'True MinimumReplicasAvailable', Progressing: 'True NewReplicaSetAvailable' },
      },
    },
    {
      name: 'paused',
      claim: 'A paused Deployment does not roll out a new template until it is resumed.',
      source: `${pages.deployment}#pausing-and-resuming-a-deployment`,
      observe: observePausedDeployment,
      expected: { whilePaused: 1, afterwards: 2 },
    },
  ],
}
