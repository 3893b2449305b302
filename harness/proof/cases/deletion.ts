/** Deletion of pods: whose grace period counts, what force means, what finalizers hold. */
import { statusOf } from '../../cluster/api.ts'
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import {
  afterDeletionMs,
  atOnceMs,
  endPod,
  exitCodeOf,
  lateMs,
  silentAfterMs,
  wholeSecondMs,
  wordsOf,
} from '../stage/pod-ending.ts'
import { between } from '../stage/expectation.ts'
import {
  container,
  createPod,
  deletePod,
  gone,
  idle,
  newest,
  orderly,
  podSpec,
  ready,
  seen,
  stubborn,
} from '../stage/pods.ts'
import { eventually, nowMs } from '../stage/case-context.ts'
import type { Scene } from '../stage/case-context.ts'
import { listen } from '../refusals/container-output.ts'

async function stubbornEnd(scene: Scene, graceSeconds: number, asked?: number): Promise<Observations> {
  const spec = podSpec([container('main', stubborn)], { terminationGracePeriodSeconds: graceSeconds })
  const ending = await endPod(scene, spec, asked === undefined ? {} : { gracePeriodSeconds: asked })
  const marked = scene.pods.find(({ pod }) => pod.metadata?.deletionTimestamp !== undefined)?.pod.metadata
  const timestampMs = marked?.deletionTimestamp?.valueOf() ?? 0
  return {
    graceSeconds: marked?.deletionGracePeriodSeconds ?? null,
    timestampAfterMs: Math.round(new Date(timestampMs).getTime() - ending.deletedMs),
    termAfterMs: afterDeletionMs(ending, 'main', 'TERM'),
    silentAfterMs: silentAfterMs(ending, 'main'),
    exitCode: exitCodeOf(ending, 'main'),
  }
}

async function forced(scene: Scene): Promise<Observations> {
  await createPod(scene, 'one', podSpec([container('main', stubborn)], { terminationGracePeriodSeconds: 30 }))
  const voice = listen(scene, 'one', 'main')
  await voice.heard('up')
  const deletedMs = await deletePod(scene, 'one', { gracePeriodSeconds: 0 })
  const { atMs } = await gone(scene, 'one')
  const term = await voice.heard('TERM')
  // The log goes on as long as the container does; it is over when nothing has come for a while.
  await eventually(scene, 'the container to fall silent', () =>
    nowMs() - (voice.lines.at(-1)?.atMs ?? 0) > 1_500 ? true : undefined,
  )
  return {
    goneAfterMs: Math.round(atMs - deletedMs),
    termAfterMs: Math.round(term.atMs - deletedMs),
    silentAfterMs: Math.round((voice.lines.at(-1)?.atMs ?? 0) - deletedMs),
  }
}

async function askedTwice(scene: Scene, first: number, second: number): Promise<Observations> {
  await createPod(scene, 'one', podSpec([container('main', stubborn)]))
  const voice = listen(scene, 'one', 'main')
  await voice.heard('up')
  const deletedMs = await deletePod(scene, 'one', { gracePeriodSeconds: first })
  await voice.heard('TERM')
  await deletePod(scene, 'one', { gracePeriodSeconds: second })
  await gone(scene, 'one')
  const said = new Set(scene.pods.map(({ pod }) => pod.metadata?.deletionGracePeriodSeconds))
  return {
    saysFirst: said.has(first),
    saysSecond: said.has(second),
    silentAfterMs: Math.round((voice.lines.at(-1)?.atMs ?? 0) - deletedMs),
  }
}

async function held(scene: Scene): Promise<Observations> {
  const { api, namespace } = scene
  await createPod(scene, 'one', podSpec([container('main', orderly)]), { finalizers: ['nodrop.dev/hold'] })
  await listen(scene, 'one', 'main').heard('up')
  await deletePod(scene, 'one')
  const { pod } = await seen(scene, 'one', 'to have ended', ({ status }) =>
    ['Succeeded', 'Failed'].includes(status?.phase ?? ''),
  )
  const still = newest(scene, 'one') !== undefined
  const body = [{ op: 'remove', path: '/metadata/finalizers' }]
  const releasedMs = nowMs()
  await api.core.patchNamespacedPod({ name: 'one', namespace, body })
  const { atMs } = await gone(scene, 'one')
  return { phase: pod.status?.phase ?? null, still, goneAfterReleaseMs: Math.round(atMs - releasedMs) }
}

async function phaseAfter(scene: Scene, script: string): Promise<Observations> {
  const ending = await endPod(scene, podSpec([container('main', script)]))
  return {
    said: wordsOf(ending, 'main'),
    phase: ending.last.status?.phase ?? null,
    exitCode: exitCodeOf(ending, 'main'),
  }
}

async function stillWaiting(scene: Scene): Promise<Observations> {
  const spec = podSpec([container('main', idle)], { nodeSelector: { 'nodrop.dev/no-such': 'node' } })
  await createPod(scene, 'one', spec)
  await seen(
    scene,
    'one',
    'to be refused by the scheduler',
    ({ status }) => status?.conditions?.some(({ reason }) => reason === 'Unschedulable') === true,
  )
  const deletedMs = await deletePod(scene, 'one')
  const { atMs } = await gone(scene, 'one')
  return { goneAfterMs: Math.round(atMs - deletedMs) }
}

async function twin(scene: Scene): Promise<Observations> {
  await createPod(scene, 'one', podSpec([container('main', orderly)]))
  const { pod } = await ready(scene, 'one')
  const call = scene.api.core.deleteNamespacedPod({
    name: 'one',
    namespace: scene.namespace,
    body: { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } },
  })
  const code = await call.then(() => 200, statusOf)
  const present = await scene.api.core.readNamespacedPod({ name: 'one', namespace: scene.namespace })
  return {
    code,
    same: present.metadata?.uid === pod.metadata?.uid,
    marked: present.metadata?.deletionTimestamp !== undefined,
  }
}

const whole = (seconds: number): ReturnType<typeof between> =>
  between(seconds * 1000 - wholeSecondMs, seconds * 1000 + wholeSecondMs)

export const deletion: Topic = {
  topic: 'Deletion and grace',
  cases: [
    {
      name: 'grace-of-spec',
      claim:
        'Without another wish the pod’s own terminationGracePeriodSeconds counts, from the deletion; deletionTimestamp is its end.',
      source: pages.termination,
      observe: (scene) => stubbornEnd(scene, 4),
      expected: {
        graceSeconds: 4,
        timestampAfterMs: whole(4),
        termAfterMs: between(0, atOnceMs),
        silentAfterMs: between(4000 - wholeSecondMs, 4000 + lateMs),
        exitCode: 137,
      },
    },
    {
      name: 'grace-of-request',
      claim: 'The deletion’s gracePeriodSeconds overrides the pod’s.',
      source: pages.termination,
      observe: (scene) => stubbornEnd(scene, 50, 3),
      expected: {
        graceSeconds: 3,
        timestampAfterMs: whole(3),
        termAfterMs: between(0, atOnceMs),
        silentAfterMs: between(3000 - wholeSecondMs, 3000 + lateMs),
        exitCode: 137,
      },
    },
    {
      name: 'grace-shortened',
      claim:
        'A second deletion with a shorter grace period changes what the API says; the kubelet ends what is under way in the first one’s time.',
      source: 'https://github.com/kubernetes/kubernetes/issues/83916',
      observe: (scene) => askedTwice(scene, 5, 1),
      expected: {
        saysFirst: true,
        saysSecond: true,
        silentAfterMs: between(5000 - wholeSecondMs, 5000 + lateMs),
      },
    },
    {
      name: 'grace-not-lengthened',
      claim: 'A second deletion with a longer grace period changes nothing.',
      source: pages.termination,
      observe: (scene) => askedTwice(scene, 4, 40),
      expected: { saysFirst: true, saysSecond: false, silentAfterMs: between(4000 - wholeSecondMs, 4000 + lateMs) },
    },
    {
      name: 'force',
      claim: 'With grace 0 the object is gone at once; the node still stops the container, with a small grace period.',
      source: `${pages.lifecycle}#pod-termination-forced`,
      observe: forced,
      expected: { goneAfterMs: between(0, 1000), termAfterMs: between(0, lateMs), silentAfterMs: between(0, 6000) },
    },
    {
      name: 'phase-succeeded',
      claim: 'A pod whose containers end with 0 upon the stop signal is last seen as Succeeded.',
      source: `${pages.lifecycle}#pod-phase`,
      observe: (scene) => phaseAfter(scene, orderly),
      expected: { said: ['up', 'TERM'], phase: 'Succeeded', exitCode: 0 },
    },
    {
      name: 'phase-failed',
      claim: 'A pod with a container that ends with another code upon the stop signal is last seen as Failed.',
      source: `${pages.lifecycle}#pod-phase`,
      observe: (scene) => phaseAfter(scene, `trap 'echo TERM; exit 9' TERM; ${idle}`),
      expected: { said: ['up', 'TERM'], phase: 'Failed', exitCode: 9 },
    },
    {
      name: 'finalizer-holds-pod',
      claim: 'A finalizer keeps a terminated pod’s object, with its last phase, until somebody takes it away.',
      source: pages.finalizers,
      observe: held,
      expected: { phase: 'Succeeded', still: true, goneAfterReleaseMs: between(0, 2000) },
    },
    {
      name: 'unscheduled-goes-at-once',
      claim: 'A pod that is on no node has nothing to end and goes at once.',
      source: pages.termination,
      observe: stillWaiting,
      expected: { goneAfterMs: between(0, 1000) },
    },
    {
      name: 'precondition-uid',
      claim: 'A deletion that names another UID is refused as a conflict and does nothing.',
      source: 'https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/',
      observe: twin,
      expected: { code: 409, same: true, marked: false },
    },
  ],
}
