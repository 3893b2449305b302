/** Deletion of pods: which grace period counts, what force means, what finalizers prevent. */
import { getErrorStatus } from '../../cluster/api.ts'
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import {
  findOutputDelayMs,
  atOnceMs,
  terminatePod,
  readExitCode,
  lateMs,
  findLastOutputMs,
  wholeSecondMs,
  listOutput,
} from '../stage/pod-ending.ts'
import { isBetween } from '../stage/expectation.ts'
import {
  buildContainer,
  createPod,
  deletePod,
  waitForPodRemoval,
  idleScript,
  findLatestPod,
  gracefulScript,
  buildPodSpec,
  waitForReadyPod,
  waitForPod,
  ignoreTermScript,
} from '../stage/pods.ts'
import { waitUntil, nowMs } from '../stage/case-context.ts'
import type { CaseContext } from '../stage/case-context.ts'
import { followOutput } from '../refusals/container-output.ts'

async function observeKill(scene: CaseContext, graceSeconds: number, asked?: number): Promise<Observations> {
  const spec = buildPodSpec([buildContainer('main', ignoreTermScript)], { terminationGracePeriodSeconds: graceSeconds })
  const ending = await terminatePod(scene, spec, asked === undefined ? {} : { gracePeriodSeconds: asked })
  const marked = scene.pods.find(({ pod }) => pod.metadata?.deletionTimestamp !== undefined)?.pod.metadata
  const timestampMs = marked?.deletionTimestamp?.valueOf() ?? 0
  return {
    graceSeconds: marked?.deletionGracePeriodSeconds ?? null,
    timestampAfterMs: Math.round(new Date(timestampMs).getTime() - ending.deletedMs),
    termAfterMs: findOutputDelayMs(ending, 'main', 'TERM'),
    silentAfterMs: findLastOutputMs(ending, 'main'),
    exitCode: readExitCode(ending, 'main'),
  }
}

async function observeForcedDeletion(scene: CaseContext): Promise<Observations> {
  await createPod(
    scene,
    'one',
    buildPodSpec([buildContainer('main', ignoreTermScript)], { terminationGracePeriodSeconds: 30 }),
  )
  const voice = followOutput(scene, 'one', 'main')
  await voice.waitForLine('up')
  const deletedMs = await deletePod(scene, 'one', { gracePeriodSeconds: 0 })
  const { atMs } = await waitForPodRemoval(scene, 'one')
  const term = await voice.waitForLine('TERM')
  // The log continues as long as the container does; it has ended when nothing has come for a while.
  await waitUntil(scene, 'the container to fall silent', () =>
    nowMs() - (voice.lines.at(-1)?.atMs ?? 0) > 1_500 ? true : undefined,
  )
  return {
    goneAfterMs: Math.round(atMs - deletedMs),
    termAfterMs: Math.round(term.atMs - deletedMs),
    silentAfterMs: Math.round((voice.lines.at(-1)?.atMs ?? 0) - deletedMs),
  }
}

async function observeSecondDeletion(scene: CaseContext, first: number, second: number): Promise<Observations> {
  await createPod(scene, 'one', buildPodSpec([buildContainer('main', ignoreTermScript)]))
  const voice = followOutput(scene, 'one', 'main')
  await voice.waitForLine('up')
  const deletedMs = await deletePod(scene, 'one', { gracePeriodSeconds: first })
  await voice.waitForLine('TERM')
  await deletePod(scene, 'one', { gracePeriodSeconds: second })
  await waitForPodRemoval(scene, 'one')
  const said = new Set(scene.pods.map(({ pod }) => pod.metadata?.deletionGracePeriodSeconds))
  return {
    saysFirst: said.has(first),
    saysSecond: said.has(second),
    silentAfterMs: Math.round((voice.lines.at(-1)?.atMs ?? 0) - deletedMs),
  }
}

async function observeFinalizer(scene: CaseContext): Promise<Observations> {
  const { api, namespace } = scene
  await createPod(scene, 'one', buildPodSpec([buildContainer('main', gracefulScript)]), {
    finalizers: ['nodrop.dev/hold'],
  })
  await followOutput(scene, 'one', 'main').waitForLine('up')
  await deletePod(scene, 'one')
  const { pod } = await waitForPod(scene, 'one', 'to have ended', ({ status }) =>
    ['Succeeded', 'Failed'].includes(status?.phase ?? ''),
  )
  const still = findLatestPod(scene, 'one') !== undefined
  const body = [{ op: 'remove', path: '/metadata/finalizers' }]
  const releasedMs = nowMs()
  await api.core.patchNamespacedPod({ name: 'one', namespace, body })
  const { atMs } = await waitForPodRemoval(scene, 'one')
  return { phase: pod.status?.phase ?? null, still, goneAfterReleaseMs: Math.round(atMs - releasedMs) }
}

async function observePhase(scene: CaseContext, script: string): Promise<Observations> {
  const ending = await terminatePod(scene, buildPodSpec([buildContainer('main', script)]))
  return {
    said: listOutput(ending, 'main'),
    phase: ending.last.status?.phase ?? null,
    exitCode: readExitCode(ending, 'main'),
  }
}

async function observeUnscheduled(scene: CaseContext): Promise<Observations> {
  const spec = buildPodSpec([buildContainer('main', idleScript)], { nodeSelector: { 'nodrop.dev/no-such': 'node' } })
  await createPod(scene, 'one', spec)
  await waitForPod(
    scene,
    'one',
    'to be refused by the scheduler',
    ({ status }) => status?.conditions?.some(({ reason }) => reason === 'Unschedulable') === true,
  )
  const deletedMs = await deletePod(scene, 'one')
  const { atMs } = await waitForPodRemoval(scene, 'one')
  return { goneAfterMs: Math.round(atMs - deletedMs) }
}

async function observeWrongUid(scene: CaseContext): Promise<Observations> {
  await createPod(scene, 'one', buildPodSpec([buildContainer('main', gracefulScript)]))
  const { pod } = await waitForReadyPod(scene, 'one')
  const call = scene.api.core.deleteNamespacedPod({
    name: 'one',
    namespace: scene.namespace,
    body: { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } },
  })
  const code = await call.then(() => 200, getErrorStatus)
  const present = await scene.api.core.readNamespacedPod({ name: 'one', namespace: scene.namespace })
  return {
    code,
    same: present.metadata?.uid === pod.metadata?.uid,
    marked: present.metadata?.deletionTimestamp !== undefined,
  }
}

const isWholeSeconds = (seconds: number): ReturnType<typeof isBetween> =>
  isBetween(seconds * 1000 - wholeSecondMs, seconds * 1000 + wholeSecondMs)

export const deletion: Topic = {
  topic: 'Deletion and grace',
  cases: [
    {
      name: 'grace-of-spec',
      claim:
        'Without another wish the pod’s own terminationGracePeriodSeconds counts, from the deletion; deletionTimestamp is its end.',
      source: pages.termination,
      observe: (scene) => observeKill(scene, 4),
      expected: {
        graceSeconds: 4,
        timestampAfterMs: isWholeSeconds(4),
        termAfterMs: isBetween(0, atOnceMs),
        silentAfterMs: isBetween(4000 - wholeSecondMs, 4000 + lateMs),
        exitCode: 137,
      },
    },
    {
      name: 'grace-of-request',
      claim: 'The deletion’s gracePeriodSeconds overrides the pod’s.',
      source: pages.termination,
      observe: (scene) => observeKill(scene, 50, 3),
      expected: {
        graceSeconds: 3,
        timestampAfterMs: isWholeSeconds(3),
        termAfterMs: isBetween(0, atOnceMs),
        silentAfterMs: isBetween(3000 - wholeSecondMs, 3000 + lateMs),
        exitCode: 137,
      },
    },
    {
      name: 'grace-shortened',
      claim:
        'A second deletion with a shorter grace period changes what the API says; the kubelet ends what is under way in the first one’s time.',
      source: 'https://github.com/kubernetes/kubernetes/issues/83916',
      observe: (scene) => observeSecondDeletion(scene, 5, 1),
      expected: {
        saysFirst: true,
        saysSecond: true,
        silentAfterMs: isBetween(5000 - wholeSecondMs, 5000 + lateMs),
      },
    },
    {
      name: 'grace-not-lengthened',
      claim: 'A second deletion with a longer grace period changes nothing.',
      source: pages.termination,
      observe: (scene) => observeSecondDeletion(scene, 4, 40),
      expected: { saysFirst: true, saysSecond: false, silentAfterMs: isBetween(4000 - wholeSecondMs, 4000 + lateMs) },
    },
    {
      name: 'force',
      claim: 'With grace 0 the object is gone at once; the node still stops the container, with a small grace period.',
      source: `${pages.lifecycle}#pod-termination-forced`,
      observe: observeForcedDeletion,
      expected: {
        goneAfterMs: isBetween(0, 1000),
        termAfterMs: isBetween(0, lateMs),
        silentAfterMs: isBetween(0, 6000),
      },
    },
    {
      name: 'phase-succeeded',
      claim: 'A pod whose containers end with 0 upon the stop signal is last seen as Succeeded.',
      source: `${pages.lifecycle}#pod-phase`,
      observe: (scene) => observePhase(scene, gracefulScript),
      expected: { said: ['up', 'TERM'], phase: 'Succeeded', exitCode: 0 },
    },
    {
      name: 'phase-failed',
      claim: 'A pod with a container that ends with another code upon the stop signal is last seen as Failed.',
      source: `${pages.lifecycle}#pod-phase`,
      observe: (scene) => observePhase(scene, `trap 'echo TERM; exit 9' TERM; ${idleScript}`),
      expected: { said: ['up', 'TERM'], phase: 'Failed', exitCode: 9 },
    },
    {
      name: 'finalizer-holds-pod',
      claim: 'A finalizer keeps a terminated pod’s object, with its last phase, until the finalizer is removed.',
      source: pages.finalizers,
      observe: observeFinalizer,
      expected: { phase: 'Succeeded', still: true, goneAfterReleaseMs: isBetween(0, 2000) },
    },
    {
      name: 'unscheduled-goes-at-once',
      claim: 'A pod that is on no node has nothing to end and goes at once.',
      source: pages.termination,
      observe: observeUnscheduled,
      expected: { goneAfterMs: isBetween(0, 1000) },
    },
    {
      name: 'precondition-uid',
      claim: 'A deletion that names another UID is refused as a conflict and does nothing.',
      source: 'https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/',
      observe: observeWrongUid,
      expected: { code: 409, same: true, marked: false },
    },
  ],
}
