/** Containers of one pod among each other: they start one after the other and stop together. */
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import { afterDeletionMs, atOnceMs, endPod, lateMs } from '../stage/pod-ending.ts'
import { events } from '../stage/events.ts'
import { atLeast, between } from '../stage/expectation.ts'
import {
  aloud,
  container,
  containerStatus,
  createPod,
  idle,
  now,
  orderly,
  podSpec,
  ready,
  rest,
  seen,
} from '../stage/pods.ts'
import type { Scene } from '../stage/case-context.ts'
import { listen } from '../refusals/container-output.ts'

async function stopTwo(scene: Scene, ...specs: ReturnType<typeof container>[]): Promise<Observations> {
  const ending = await endPod(scene, podSpec(specs))
  const [first = '', second = ''] = specs.map(({ name }) => name)
  const goneAfterMs = Math.round(ending.goneMs - ending.deletedMs)
  return {
    firstMs: afterDeletionMs(ending, first, 'TERM'),
    secondMs: afterDeletionMs(ending, second, 'TERM'),
    goneAfterMs,
  }
}

/** The second container's first words come after the end of the first one's hook. */
async function hookAtStart(scene: Scene): Promise<Observations> {
  const command = ['bash', '-c', `${aloud(`hook ${now}`)}; sleep 2; ${aloud(`hook-ended ${now}`)}`]
  const hooked = container('hooked', idle, { lifecycle: { postStart: { exec: { command } } } })
  const other = container('other', `echo begun ${now}; ${rest}`)
  await createPod(scene, 'one', podSpec([hooked, other], { terminationGracePeriodSeconds: 1 }))
  const [first, second] = [listen(scene, 'one', 'hooked'), listen(scene, 'one', 'other')]
  const [began, ended, next] = await Promise.all([first.told('hook'), first.told('hook-ended'), second.told('begun')])
  const readiness = await ready(scene, 'one')
  return {
    otherAfterHookMs: Math.round(next - ended),
    readyAfterHookMs: Math.round(readiness.atMs - ended),
    hookMs: Math.round(ended - began),
  }
}

async function hookAtStartFails(scene: Scene): Promise<Observations> {
  const postStart = { exec: { command: ['bash', '-c', 'exit 4'] } }
  const main = container('main', orderly, { lifecycle: { postStart } })
  await createPod(scene, 'one', podSpec([main], { terminationGracePeriodSeconds: 2 }))
  const { pod } = await seen(scene, 'one', 'to be restarted', (pod) => {
    const status = containerStatus(pod, 'main')
    return (status?.restartCount ?? 0) > 0 || status?.lastState?.terminated !== undefined
  })
  const [event] = await events(scene, 'one', 'FailedPostStartHook')
  return {
    event: event?.type ?? null,
    ended: containerStatus(pod, 'main')?.lastState?.terminated !== undefined,
    wasReady: scene.pods.some(({ pod }) => containerStatus(pod, 'main')?.ready),
  }
}

export const together: Topic = {
  topic: 'Containers of one pod',
  cases: [
    {
      name: 'stop-in-parallel',
      claim: 'All containers get their stop signal at the same time, also when one of them takes long to end.',
      source: pages.termination,
      observe: (scene) =>
        stopTwo(
          scene,
          container('slow', `trap 'echo TERM; sleep 3; exit 0' TERM; ${idle}`),
          container('quick', orderly),
        ),
      expected: {
        firstMs: between(0, atOnceMs),
        secondMs: between(0, atOnceMs),
        goneAfterMs: between(3000, 3000 + 2 * lateMs),
      },
    },
    {
      name: 'hook-delays-its-own-container',
      claim: 'A preStop hook delays the stop signal of its own container only; the other one stops at once.',
      source: pages.hooks,
      observe: (scene) =>
        stopTwo(
          scene,
          container('hooked', orderly, { lifecycle: { preStop: { sleep: { seconds: 3 } } } }),
          container('other', orderly),
        ),
      expected: { firstMs: between(3000, 3000 + lateMs), secondMs: between(0, atOnceMs) },
    },
    {
      name: 'post-start-blocks',
      claim:
        'Until the postStart hook has ended the container does not count as running, and the next one is not started.',
      source: pages.hooks,
      observe: hookAtStart,
      expected: { otherAfterHookMs: atLeast(0), readyAfterHookMs: atLeast(0), hookMs: between(2000, 2000 + lateMs) },
    },
    {
      name: 'post-start-fails',
      claim:
        'A postStart hook that fails is told by an Event FailedPostStartHook, and the container is killed and started again.',
      source: pages.hooks,
      observe: hookAtStartFails,
      expected: { event: 'Warning', ended: true, wasReady: false },
    },
  ],
}
