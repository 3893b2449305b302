/** Native sidecars: init containers that are always restarted. */
import type { V1Container, V1PodSpec } from '@kubernetes/client-node'
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
} from '../stage/pod-ending.ts'
import { atLeast, between } from '../stage/expectation.ts'
import {
  aloud,
  condition,
  container,
  containerStatus,
  createPod,
  idle,
  newest,
  orderly,
  podSpec,
  ready,
  seen,
  stubborn,
} from '../stage/pods.ts'
import { eventually } from '../stage/case-context.ts'
import type { Scene } from '../stage/case-context.ts'
import { listen } from '../refusals/container-output.ts'

const kep = 'https://kep.k8s.io/753'

function sidecar(name: string, script: string, more: Partial<V1Container> = {}): V1Container {
  return container(name, script, { restartPolicy: 'Always', ...more })
}

/** Said before it ends, half a second after the signal, so that one end can be told from the next signal. */
const slowly = `trap 'echo TERM; sleep 0.5; echo over; exit 0' TERM; ${idle}`

async function startOrder(scene: Scene): Promise<Observations> {
  const startupProbe = { exec: { command: ['test', '-e', '/tmp/started'] }, periodSeconds: 1, failureThreshold: 30 }
  const first = sidecar('first', `echo up; sleep 2; echo started; touch /tmp/started; ${idle}`, { startupProbe })
  const inits = [first, container('between', 'echo up'), sidecar('second', idle)]
  await createPod(
    scene,
    'one',
    podSpec([container('main', idle)], { initContainers: inits, terminationGracePeriodSeconds: 1 }),
  )
  const at = async (name: string, text = 'up'): Promise<number> => (await listen(scene, 'one', name).heard(text)).atMs
  const times = await Promise.all([at('first'), at('first', 'started'), at('between'), at('second'), at('main')])
  return { inOrder: times.every((time, index) => time >= (times[index - 1] ?? 0)) }
}

async function stopOrder(scene: Scene): Promise<Observations> {
  const spec = podSpec([container('main', slowly)], {
    initContainers: [sidecar('first', slowly), sidecar('second', slowly)],
  })
  const ending = await endPod(scene, spec)
  const order = Object.entries(ending.voices).flatMap(([name, { lines }]) =>
    lines.filter(({ text }) => text !== 'up').map(({ text, atMs }) => ({ what: `${name} ${text}`, atMs })),
  )
  return { order: order.sort((a, b) => a.atMs - b.atMs).map(({ what }) => what) }
}

async function hooksTogether(scene: Scene): Promise<Observations> {
  const preStop = { exec: { command: ['bash', '-c', aloud('hook')] } }
  const main = container('main', `trap 'echo TERM; sleep 3; exit 0' TERM; ${idle}`)
  const ending = await endPod(
    scene,
    podSpec([main], { initContainers: [sidecar('side', orderly, { lifecycle: { preStop } })] }),
  )
  return { hookAfterMs: afterDeletionMs(ending, 'side', 'hook'), termAfterMs: afterDeletionMs(ending, 'side', 'TERM') }
}

/** The main container takes the whole grace period. */
async function graceUsedUp(scene: Scene): Promise<Observations> {
  const spec = podSpec([container('main', stubborn)], {
    initContainers: [sidecar('side', stubborn)],
    terminationGracePeriodSeconds: 4,
  })
  const ending = await endPod(scene, spec)
  return {
    mainSilentAfterMs: silentAfterMs(ending, 'main'),
    sideTermAfterMs: afterDeletionMs(ending, 'side', 'TERM'),
    sideSilentAfterMs: silentAfterMs(ending, 'side'),
    exitCodes: [exitCodeOf(ending, 'main'), exitCodeOf(ending, 'side')],
  }
}

async function restarted(scene: Scene): Promise<Observations> {
  const spec: Partial<V1PodSpec> = {
    initContainers: [sidecar('side', 'echo up; sleep 3; exit 0')],
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
  }
  await createPod(scene, 'one', podSpec([container('main', idle)], spec))
  const again = await seen(scene, 'one', 'to restart its sidecar', (pod) => {
    const status = containerStatus(pod, 'side')
    return status?.restartCount === 1 && status.state?.running !== undefined
  })
  const { restartCount, state } = containerStatus(again.pod, 'main') ?? {}
  return { main: { restartCount, running: state?.running !== undefined }, phase: again.pod.status?.phase ?? null }
}

async function endOfWork(scene: Scene): Promise<Observations> {
  const spec: Partial<V1PodSpec> = {
    initContainers: [sidecar('side', `trap 'echo TERM; exit 5' TERM; ${idle}`)],
    restartPolicy: 'Never',
  }
  await createPod(scene, 'one', podSpec([container('main', 'echo up; sleep 1; exit 0')], spec))
  const voice = listen(scene, 'one', 'side')
  const { pod } = await seen(scene, 'one', 'to end with all its containers', (pod) => {
    const ended = containerStatus(pod, 'side')?.state?.terminated !== undefined
    return ended && /Succeeded|Failed/.test(pod.status?.phase ?? '')
  })
  // Its last words may be on their way when the pod's status is there.
  await voice.heard('TERM')
  return {
    phase: pod.status?.phase ?? null,
    said: voice.lines.map(({ text }) => text),
    exitCode: exitCodeOf({ last: pod }, 'side'),
    restarts: containerStatus(pod, 'side')?.restartCount ?? null,
  }
}

async function countsForReadiness(scene: Scene): Promise<Observations> {
  const readinessProbe = { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1 }
  const side = sidecar('side', `echo up; sleep 3; echo opened; touch /tmp/ready; ${idle}`, { readinessProbe })
  await createPod(
    scene,
    'one',
    podSpec([container('main', idle)], { initContainers: [side], terminationGracePeriodSeconds: 1 }),
  )
  const [opened, up] = await Promise.all([
    listen(scene, 'one', 'side').heard('opened'),
    listen(scene, 'one', 'main').heard('up'),
  ])
  const readiness = await ready(scene, 'one')
  return { mainBeforeMs: Math.round(opened.atMs - up.atMs), readyAfterMs: Math.round(readiness.atMs - opened.atMs) }
}

/** E3 of the pitfalls: a hook that makes the sidecar itself exit. */
async function hookThatEndsIt(scene: Scene): Promise<Observations> {
  const preStop = { exec: { command: ['bash', '-c', 'kill -TERM 1; sleep 0.2'] } }
  const main = container('main', `trap 'echo TERM; sleep 4; exit 0' TERM; ${idle}`)
  await createPod(
    scene,
    'one',
    podSpec([main], { initContainers: [sidecar('side', orderly, { lifecycle: { preStop } })] }),
  )
  const [voice, other] = [listen(scene, 'one', 'side'), listen(scene, 'one', 'main')]
  await Promise.all([voice.heard('up'), other.heard('up')])
  await scene.api.core.deleteNamespacedPod({ name: 'one', namespace: scene.namespace })
  const [ended, mainTold] = await Promise.all([voice.heard('TERM'), other.heard('TERM')])
  await eventually(scene, 'the pod to be gone', () => (newest(scene, 'one') ? undefined : true))
  return {
    endedAfterMainWasToldMs: Math.round(ended.atMs - mainTold.atMs),
    ups: voice.lines.filter(({ text }) => text === 'up').length,
    ready: condition(scene.pods.at(-1)?.pod, 'Ready') ?? null,
  }
}

export const sidecars: Topic = {
  topic: 'Native sidecars',
  cases: [
    {
      name: 'sidecar-start-order',
      claim:
        'Sidecars start in their turn among the init containers; the next one waits until the startup probe has succeeded.',
      source: pages.sidecars,
      observe: startOrder,
      expected: { inOrder: true },
    },
    {
      name: 'sidecar-stop-order',
      claim: 'Sidecars get their stop signal after the last main container has ended, in the reverse of their order.',
      source: pages.sidecars,
      observe: stopOrder,
      expected: {
        order: ['main TERM', 'main over', 'second TERM', 'second over', 'first TERM', 'first over'],
      },
    },
    {
      name: 'sidecar-hooks-at-once',
      claim: 'A sidecar’s preStop hook runs when the pod begins to end, not when the sidecar’s turn has come.',
      source: kep,
      observe: hooksTogether,
      expected: { hookAfterMs: between(0, lateMs), termAfterMs: atLeast(3000) },
    },
    {
      name: 'sidecar-grace-used-up',
      claim:
        'When the main containers use up the grace period, the sidecars are stopped with them, all within the minimal window.',
      source: kep,
      observe: graceUsedUp,
      expected: {
        mainSilentAfterMs: between(4000 - wholeSecondMs, 4000 + lateMs),
        sideTermAfterMs: between(4000 - wholeSecondMs, 4000 + lateMs),
        sideSilentAfterMs: between(4000 - wholeSecondMs, 6000 + lateMs),
        exitCodes: [137, 137],
      },
    },
    {
      name: 'sidecar-restarted',
      claim:
        'A sidecar that ends is started again whatever the pod’s restartPolicy, and the main containers are left alone.',
      source: pages.sidecars,
      observe: restarted,
      expected: { main: { restartCount: 0, running: true }, phase: 'Running' },
    },
    {
      name: 'sidecar-does-not-keep-pod',
      claim: 'When the main containers are done the sidecars are stopped, and their exit codes do not count.',
      source: pages.sidecars,
      observe: endOfWork,
      expected: { phase: 'Succeeded', said: ['up', 'TERM'], exitCode: 5, restarts: 0 },
    },
    {
      name: 'sidecar-readiness',
      claim: 'A sidecar’s readiness counts for the pod’s, but the main containers do not wait for it.',
      source: pages.sidecars,
      observe: countsForReadiness,
      expected: { mainBeforeMs: atLeast(0), readyAfterMs: between(0, 1000 + lateMs) },
    },
    {
      name: 'sidecar-hook-that-ends-it',
      claim: 'A preStop hook that makes the sidecar exit takes it away while the main containers still work.',
      source: `${kep} (Troubleshooting)`,
      observe: hookThatEndsIt,
      expected: { endedAfterMainWasToldMs: between(-atOnceMs, lateMs), ups: 1 },
    },
  ],
}
