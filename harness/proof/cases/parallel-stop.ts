/** The containers of one pod relative to each other: they start one after another and stop together. */
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import { findOutputDelayMs, atOnceMs, terminatePod, lateMs } from '../stage/pod-ending.ts'
import { waitForEvents } from '../stage/events.ts'
import { isAtLeast, isBetween } from '../stage/expectation.ts'
import {
  echoToLog,
  buildContainer,
  findContainerStatus,
  createPod,
  idleScript,
  epochVariable,
  gracefulScript,
  buildPodSpec,
  waitForReadyPod,
  waitLoop,
  waitForPod,
} from '../stage/pods.ts'
import type { CaseContext } from '../stage/case-context.ts'
import { followOutput } from '../refusals/container-output.ts'

async function observeParallelStop(
  scene: CaseContext,
  ...specs: ReturnType<typeof buildContainer>[]
): Promise<Observations> {
  const ending = await terminatePod(scene, buildPodSpec(specs))
  const [first = '', second = ''] = specs.map(({ name }) => name)
  const [firstMs, secondMs] = [first, second].map((name) => findOutputDelayMs(ending, name, 'TERM'))
  const apartMs = typeof firstMs === 'number' && typeof secondMs === 'number' ? secondMs - firstMs : null
  return { firstMs, secondMs, apartMs, goneAfterMs: Math.round(ending.goneMs - ending.deletedMs) }
}

/** The second container's first output comes after the end of the first one's hook. */
async function observePostStart(scene: CaseContext): Promise<Observations> {
  const command = [
    'bash',
    '-c',
    `${echoToLog(`hook ${epochVariable}`)}; sleep 2; ${echoToLog(`hook-ended ${epochVariable}`)}`,
  ]
  const hooked = buildContainer('hooked', idleScript, { lifecycle: { postStart: { exec: { command } } } })
  const other = buildContainer('other', `echo begun ${epochVariable}; ${waitLoop}`)
  await createPod(scene, 'one', buildPodSpec([hooked, other], { terminationGracePeriodSeconds: 1 }))
  const [first, second] = [followOutput(scene, 'one', 'hooked'), followOutput(scene, 'one', 'other')]
  const [began, ended, next] = await Promise.all([
    first.readTimeMs('hook'),
    first.readTimeMs('hook-ended'),
    second.readTimeMs('begun'),
  ])
  const readiness = await waitForReadyPod(scene, 'one')
  return {
    otherAfterHookMs: Math.round(next - ended),
    readyAfterHookMs: Math.round(readiness.atMs - ended),
    hookMs: Math.round(ended - began),
  }
}

async function observePostStartFailure(scene: CaseContext): Promise<Observations> {
  const postStart = { exec: { command: ['bash', '-c', 'exit 4'] } }
  const main = buildContainer('main', gracefulScript, { lifecycle: { postStart } })
  await createPod(scene, 'one', buildPodSpec([main], { terminationGracePeriodSeconds: 2 }))
  const { pod } = await waitForPod(scene, 'one', 'to be restarted', (pod) => {
    const status = findContainerStatus(pod, 'main')
    return (status?.restartCount ?? 0) > 0 || status?.lastState?.terminated !== undefined
  })
  const [event] = await waitForEvents(scene, 'one', 'FailedPostStartHook')
  return {
    event: event?.type ?? null,
    ended: findContainerStatus(pod, 'main')?.lastState?.terminated !== undefined,
    wasReady: scene.pods.some(({ pod }) => findContainerStatus(pod, 'main')?.ready),
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
        observeParallelStop(
          scene,
          buildContainer('slow', `trap 'echo TERM; sleep 3; exit 0' TERM; ${idleScript}`),
          buildContainer('quick', gracefulScript),
        ),
      // How soon the kubelet begins is tested by `default-signal`; one after another they would be 3 s apart.
      expected: { apartMs: isBetween(-atOnceMs, atOnceMs), goneAfterMs: isAtLeast(3000) },
    },
    {
      name: 'hook-delays-its-own-container',
      claim: 'A preStop hook delays the stop signal of its own container only; the other one stops at once.',
      source: pages.hooks,
      observe: (scene) =>
        observeParallelStop(
          scene,
          buildContainer('hooked', gracefulScript, { lifecycle: { preStop: { sleep: { seconds: 3 } } } }),
          buildContainer('other', gracefulScript),
        ),
      expected: { firstMs: isBetween(3000, 3000 + lateMs), secondMs: isBetween(0, atOnceMs) },
    },
    {
      name: 'post-start-blocks',
      claim:
        'Until the postStart hook has ended the container does not count as running, and the next one is not started.',
      source: pages.hooks,
      observe: observePostStart,
      expected: {
        otherAfterHookMs: isAtLeast(0),
        readyAfterHookMs: isAtLeast(0),
        hookMs: isBetween(2000, 2000 + lateMs),
      },
    },
    {
      name: 'post-start-fails',
      claim:
        'A postStart hook that fails is told by an Event FailedPostStartHook, and the container is killed and started again.',
      source: pages.hooks,
      observe: observePostStartFailure,
      expected: { event: 'Warning', ended: true, wasReady: false },
    },
  ],
}
