/** Native sidecars: init containers that are always restarted. */
import type { V1Container, V1PodSpec } from '@kubernetes/client-node'
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
} from '../stage/pod-ending.ts'
import { isAtLeast, isBetween } from '../stage/expectation.ts'
import {
  echoToLog,
  readCondition,
  buildContainer,
  findContainerStatus,
  createPod,
  idleScript,
  findLatestPod,
  gracefulScript,
  buildPodSpec,
  waitForReadyPod,
  waitForPod,
  ignoreTermScript,
} from '../stage/pods.ts'
import { waitUntil } from '../stage/case-context.ts'
import type { CaseContext } from '../stage/case-context.ts'
import { followOutput } from '../refusals/container-output.ts'

const kep = 'https://kep.k8s.io/753'

function buildSidecar(name: string, script: string, more: Partial<V1Container> = {}): V1Container {
  return buildContainer(name, script, { restartPolicy: 'Always', ...more })
}

/** Prints before it ends, half a second after the signal, so that its end can be distinguished from the next signal. */
const slowStopScript = `trap 'echo TERM; sleep 0.5; echo over; exit 0' TERM; ${idleScript}`

async function observeStartOrder(scene: CaseContext): Promise<Observations> {
  const startupProbe = { exec: { command: ['test', '-e', '/tmp/started'] }, periodSeconds: 1, failureThreshold: 30 }
  const first = buildSidecar('first', `echo up; sleep 2; echo started; touch /tmp/started; ${idleScript}`, {
    startupProbe,
  })
  const inits = [first, buildContainer('between', 'echo up'), buildSidecar('second', idleScript)]
  await createPod(
    scene,
    'one',
    buildPodSpec([buildContainer('main', idleScript)], { initContainers: inits, terminationGracePeriodSeconds: 1 }),
  )
  const findLineMs = async (name: string, text = 'up'): Promise<number> =>
    (await followOutput(scene, 'one', name).waitForLine(text)).atMs
  const times = await Promise.all([
    findLineMs('first'),
    findLineMs('first', 'started'),
    findLineMs('between'),
    findLineMs('second'),
    findLineMs('main'),
  ])
  return { inOrder: times.every((time, index) => time >= (times[index - 1] ?? 0)) }
}

async function observeStopOrder(scene: CaseContext): Promise<Observations> {
  const spec = buildPodSpec([buildContainer('main', slowStopScript)], {
    initContainers: [buildSidecar('first', slowStopScript), buildSidecar('second', slowStopScript)],
  })
  const ending = await terminatePod(scene, spec)
  const order = Object.entries(ending.outputs).flatMap(([name, { lines }]) =>
    lines.filter(({ text }) => text !== 'up').map(({ text, atMs }) => ({ what: `${name} ${text}`, atMs })),
  )
  return { order: order.sort((a, b) => a.atMs - b.atMs).map(({ what }) => what) }
}

async function observeParallelHooks(scene: CaseContext): Promise<Observations> {
  const preStop = { exec: { command: ['bash', '-c', echoToLog('hook')] } }
  const main = buildContainer('main', `trap 'echo TERM; sleep 3; exit 0' TERM; ${idleScript}`)
  const ending = await terminatePod(
    scene,
    buildPodSpec([main], { initContainers: [buildSidecar('side', gracefulScript, { lifecycle: { preStop } })] }),
  )
  return {
    hookAfterMs: findOutputDelayMs(ending, 'side', 'hook'),
    termAfterMs: findOutputDelayMs(ending, 'side', 'TERM'),
  }
}

/** The main container uses the whole grace period. */
async function observeExhaustedGrace(scene: CaseContext): Promise<Observations> {
  const spec = buildPodSpec([buildContainer('main', ignoreTermScript)], {
    initContainers: [buildSidecar('side', ignoreTermScript)],
    terminationGracePeriodSeconds: 4,
  })
  const ending = await terminatePod(scene, spec)
  return {
    mainSilentAfterMs: findLastOutputMs(ending, 'main'),
    sideTermAfterMs: findOutputDelayMs(ending, 'side', 'TERM'),
    sideSilentAfterMs: findLastOutputMs(ending, 'side'),
    exitCodes: [readExitCode(ending, 'main'), readExitCode(ending, 'side')],
  }
}

async function observeRestart(scene: CaseContext): Promise<Observations> {
  const spec: Partial<V1PodSpec> = {
    initContainers: [buildSidecar('side', 'echo up; sleep 3; exit 0')],
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
  }
  await createPod(scene, 'one', buildPodSpec([buildContainer('main', idleScript)], spec))
  const again = await waitForPod(scene, 'one', 'to restart its sidecar', (pod) => {
    const status = findContainerStatus(pod, 'side')
    return status?.restartCount === 1 && status.state?.running !== undefined
  })
  const { restartCount, state } = findContainerStatus(again.pod, 'main') ?? {}
  return { main: { restartCount, running: state?.running !== undefined }, phase: again.pod.status?.phase ?? null }
}

async function observeEndOfWork(scene: CaseContext): Promise<Observations> {
  const spec: Partial<V1PodSpec> = {
    initContainers: [buildSidecar('side', `trap 'echo TERM; exit 5' TERM; ${idleScript}`)],
    restartPolicy: 'Never',
  }
  await createPod(scene, 'one', buildPodSpec([buildContainer('main', 'echo up; sleep 1; exit 0')], spec))
  const voice = followOutput(scene, 'one', 'side')
  const { pod } = await waitForPod(scene, 'one', 'to end with all its containers', (pod) => {
    const ended = findContainerStatus(pod, 'side')?.state?.terminated !== undefined
    return ended && /Succeeded|Failed/.test(pod.status?.phase ?? '')
  })
  // Its last output may still be on its way when the pod's status has arrived.
  await voice.waitForLine('TERM')
  return {
    phase: pod.status?.phase ?? null,
    said: voice.lines.map(({ text }) => text),
    exitCode: readExitCode({ last: pod }, 'side'),
    restarts: findContainerStatus(pod, 'side')?.restartCount ?? null,
  }
}

async function observeReadiness(scene: CaseContext): Promise<Observations> {
  const readinessProbe = { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1 }
  const side = buildSidecar('side', `echo up; sleep 3; echo opened; touch /tmp/ready; ${idleScript}`, {
    readinessProbe,
  })
  await createPod(
    scene,
    'one',
    buildPodSpec([buildContainer('main', idleScript)], { initContainers: [side], terminationGracePeriodSeconds: 1 }),
  )
  const [opened, up] = await Promise.all([
    followOutput(scene, 'one', 'side').waitForLine('opened'),
    followOutput(scene, 'one', 'main').waitForLine('up'),
  ])
  const readiness = await waitForReadyPod(scene, 'one')
  return { mainBeforeMs: Math.round(opened.atMs - up.atMs), readyAfterMs: Math.round(readiness.atMs - opened.atMs) }
}

/** A hook that makes the sidecar itself exit. */
async function observeHookThatEndsSidecar(scene: CaseContext): Promise<Observations> {
  const preStop = { exec: { command: ['bash', '-c', 'kill -TERM 1; sleep 0.2'] } }
  const main = buildContainer('main', `trap 'echo TERM; sleep 4; exit 0' TERM; ${idleScript}`)
  await createPod(
    scene,
    'one',
    buildPodSpec([main], { initContainers: [buildSidecar('side', gracefulScript, { lifecycle: { preStop } })] }),
  )
  const [voice, other] = [followOutput(scene, 'one', 'side'), followOutput(scene, 'one', 'main')]
  await Promise.all([voice.waitForLine('up'), other.waitForLine('up')])
  await scene.api.core.deleteNamespacedPod({ name: 'one', namespace: scene.namespace })
  const [ended, mainTold] = await Promise.all([voice.waitForLine('TERM'), other.waitForLine('TERM')])
  await waitUntil(scene, 'the pod to be gone', () => (findLatestPod(scene, 'one') ? undefined : true))
  return {
    endedAfterMainWasToldMs: Math.round(ended.atMs - mainTold.atMs),
    ups: voice.lines.filter(({ text }) => text === 'up').length,
    ready: readCondition(scene.pods.at(-1)?.pod, 'Ready') ?? null,
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
      observe: observeStartOrder,
      expected: { inOrder: true },
    },
    {
      name: 'sidecar-stop-order',
      claim: 'Sidecars get their stop signal after the last main container has ended, in the reverse of their order.',
      source: pages.sidecars,
      observe: observeStopOrder,
      expected: {
        order: ['main TERM', 'main over', 'second TERM', 'second over', 'first TERM', 'first over'],
      },
    },
    {
      name: 'sidecar-hooks-at-once',
      claim: 'A sidecar’s preStop hook runs when the pod begins to end, not when the sidecar’s turn has come.',
      source: kep,
      observe: observeParallelHooks,
      expected: { hookAfterMs: isBetween(0, lateMs), termAfterMs: isAtLeast(3000) },
    },
    {
      name: 'sidecar-grace-used-up',
      claim:
        'When the main containers use up the grace period, the sidecars are stopped with them, all within the minimal window.',
      source: kep,
      observe: observeExhaustedGrace,
      expected: {
        mainSilentAfterMs: isBetween(4000 - wholeSecondMs, 4000 + lateMs),
        sideTermAfterMs: isBetween(4000 - wholeSecondMs, 4000 + lateMs),
        sideSilentAfterMs: isBetween(4000 - wholeSecondMs, 6000 + lateMs),
        exitCodes: [137, 137],
      },
    },
    {
      name: 'sidecar-restarted',
      claim:
        'A sidecar that ends is started again whatever the pod’s restartPolicy, and the main containers are left alone.',
      source: pages.sidecars,
      observe: observeRestart,
      expected: { main: { restartCount: 0, running: true }, phase: 'Running' },
    },
    {
      name: 'sidecar-does-not-keep-pod',
      claim: 'When the main containers are done the sidecars are stopped, and their exit codes do not count.',
      source: pages.sidecars,
      observe: observeEndOfWork,
      expected: { phase: 'Succeeded', said: ['up', 'TERM'], exitCode: 5, restarts: 0 },
    },
    {
      name: 'sidecar-readiness',
      claim: 'A sidecar’s readiness counts for the pod’s, but the main containers do not wait for it.',
      source: pages.sidecars,
      observe: observeReadiness,
      expected: { mainBeforeMs: isAtLeast(0), readyAfterMs: isBetween(0, 1000 + lateMs) },
    },
    {
      name: 'sidecar-hook-that-ends-it',
      claim: 'A preStop hook that makes the sidecar exit takes it away while the main containers still work.',
      source: `${kep} (Troubleshooting)`,
      observe: observeHookThatEndsSidecar,
      expected: { endedAfterMainWasToldMs: isBetween(-atOnceMs, lateMs), ups: 1 },
    },
  ],
}
