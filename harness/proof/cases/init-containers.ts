/** Init containers: one after another, each until it succeeds, before anything else. */
import type { V1PodSpec } from '@kubernetes/client-node'
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import { atOnceMs } from '../stage/pod-ending.ts'
import { isBetween } from '../stage/expectation.ts'
import {
  readCondition,
  buildContainer,
  findContainerStatus,
  createPod,
  deletePod,
  waitForPodRemoval,
  idleScript,
  gracefulScript,
  buildPodSpec,
  waitForReadyPod,
  waitForPod,
} from '../stage/pods.ts'
import type { CaseContext } from '../stage/case-context.ts'
import { followOutput } from '../refusals/container-output.ts'

async function observeOrder(scene: CaseContext): Promise<Observations> {
  // A kubelet checks its containers about once a second: a shorter one may never be shown as running.
  const inits = [
    buildContainer('first', 'echo up; sleep 1; echo over'),
    buildContainer('second', 'echo up; sleep 3; echo over'),
  ]
  const spec = buildPodSpec([buildContainer('main', idleScript)], {
    initContainers: inits,
    terminationGracePeriodSeconds: 1,
  })
  await createPod(scene, 'one', spec)
  const voices = ['first', 'second', 'main'].map((name) => ({ name, voice: followOutput(scene, 'one', name) }))
  await waitForReadyPod(scene, 'one')
  await Promise.all(voices.map(({ name, voice }) => voice.waitForLine(name === 'main' ? 'up' : 'over')))
  const lines = voices.flatMap(({ name, voice }) =>
    voice.lines.map(({ atMs, text }) => ({ atMs, what: `${name} ${text}` })),
  )
  const initialized = scene.pods.find(({ pod }) => readCondition(pod, 'Initialized') === 'True')?.pod
  return {
    order: lines.sort((a, b) => a.atMs - b.atMs).map(({ what }) => what),
    phaseBefore:
      scene.pods.find(({ pod }) => findContainerStatus(pod, 'second')?.state?.running)?.pod.status?.phase ?? null,
    endedWhenInitialized: inits.every(
      ({ name }) => findContainerStatus(initialized, name)?.state?.terminated?.exitCode === 0,
    ),
  }
}

async function observeFailure(
  scene: CaseContext,
  restartPolicy: V1PodSpec['restartPolicy'] & string,
): Promise<Observations> {
  const spec = buildPodSpec([buildContainer('main', idleScript)], {
    initContainers: [buildContainer('init', 'echo up; exit 3')],
    terminationGracePeriodSeconds: 1,
    restartPolicy,
  })
  await createPod(scene, 'one', spec)
  const { pod } = await waitForPod(scene, 'one', 'to show the failure', (pod) => {
    const status = findContainerStatus(pod, 'init')
    return restartPolicy === 'Never' ? pod.status?.phase === 'Failed' : (status?.restartCount ?? 0) >= 1
  })
  const main = findContainerStatus(pod, 'main')
  return {
    phase: pod.status?.phase ?? null,
    initialized: readCondition(pod, 'Initialized') ?? null,
    restarts: findContainerStatus(pod, 'init')?.restartCount ?? null,
    mainStarted: scene.pods.some(({ pod }) => findContainerStatus(pod, 'main')?.state?.running !== undefined),
    mainWaits: main?.state?.waiting?.reason ?? null,
  }
}

async function observeDeletion(scene: CaseContext): Promise<Observations> {
  const spec = buildPodSpec([buildContainer('main', idleScript)], {
    initContainers: [buildContainer('init', gracefulScript)],
  })
  await createPod(scene, 'one', spec)
  const voice = followOutput(scene, 'one', 'init')
  await voice.waitForLine('up')
  const deletedMs = await deletePod(scene, 'one')
  const [term, { atMs }] = await Promise.all([voice.waitForLine('TERM'), waitForPodRemoval(scene, 'one')])
  return {
    termAfterMs: Math.round(term.atMs - deletedMs),
    goneAfterMs: Math.round(atMs - deletedMs),
    mainStarted: scene.pods.some(({ pod }) => findContainerStatus(pod, 'main')?.state?.running !== undefined),
  }
}

export const initContainers: Topic = {
  topic: 'Init containers',
  cases: [
    {
      name: 'init-order',
      claim: 'Init containers run one after the other to their end, and the main containers only then.',
      source: pages.init,
      observe: observeOrder,
      expected: {
        order: ['first up', 'first over', 'second up', 'second over', 'main up'],
        phaseBefore: 'Pending',
        endedWhenInitialized: true,
      },
    },
    {
      name: 'init-fails-always',
      claim:
        'An init container that fails is run again; until it succeeds the pod is Pending and no main container starts.',
      source: pages.init,
      observe: (scene) => observeFailure(scene, 'Always'),
      expected: {
        phase: 'Pending',
        initialized: 'False',
        restarts: 1,
        mainStarted: false,
        mainWaits: 'PodInitializing',
      },
    },
    {
      name: 'init-fails-never',
      claim: 'With restartPolicy Never an init container that fails makes the pod fail.',
      source: pages.init,
      observe: (scene) => observeFailure(scene, 'Never'),
      expected: { phase: 'Failed', initialized: 'False', restarts: 0, mainStarted: false },
    },
    {
      name: 'init-deleted',
      claim: 'A pod that is deleted while it initializes stops its init container and never starts the main ones.',
      source: pages.termination,
      observe: observeDeletion,
      expected: { termAfterMs: isBetween(0, atOnceMs), goneAfterMs: isBetween(0, 3000), mainStarted: false },
    },
  ],
}
