/** Probes: what each kind decides, when, and after how many failures. */
import type { V1Container, V1Probe } from '@kubernetes/client-node'
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import { lateMs } from '../stage/pod-ending.ts'
import { waitForEvents } from '../stage/events.ts'
import { isBetween, matchesPattern } from '../stage/expectation.ts'
import {
  readCondition,
  buildContainer,
  findContainerStatus,
  createPod,
  deletePod,
  waitForPodRemoval,
  idleScript,
  epochVariable,
  buildPodSpec,
  waitForReadyPod,
  waitLoop,
  waitForPod,
  waitForPodAfter,
} from '../stage/pods.ts'
import type { CaseContext } from '../stage/case-context.ts'
import { followOutput } from '../refusals/container-output.ts'

const buildFileProbe = (path: string): Partial<V1Probe> => ({
  exec: { command: ['test', '-e', path] },
  periodSeconds: 1,
})
const shortGrace = { terminationGracePeriodSeconds: 2 }

async function startPod(scene: CaseContext, spec: V1Container): Promise<ReturnType<typeof followOutput>> {
  await createPod(scene, 'one', buildPodSpec([spec], shortGrace))
  return followOutput(scene, 'one', spec.name)
}

async function observeWithoutProbe(scene: CaseContext): Promise<Observations> {
  const up = await (await startPod(scene, buildContainer('main', idleScript))).waitForLine('up')
  const { atMs, pod } = await waitForReadyPod(scene, 'one')
  return { readyAfterMs: Math.round(atMs - up.atMs), started: findContainerStatus(pod, 'main')?.started ?? null }
}

/** Ready from 2 s to 5 s after the start, by the probe. */
async function observeReadiness(scene: CaseContext): Promise<Observations> {
  const script = `echo up; sleep 2; touch /tmp/ready; echo opened ${epochVariable}; sleep 4; rm /tmp/ready; echo closed ${epochVariable}; ${waitLoop}`
  const readinessProbe = { ...buildFileProbe('/tmp/ready'), successThreshold: 2, failureThreshold: 3 }
  const voice = await startPod(scene, buildContainer('main', script, { readinessProbe }))
  const [opened, closed] = await Promise.all([voice.readTimeMs('opened'), voice.readTimeMs('closed')])
  const first = await waitForReadyPod(scene, 'one')
  const after = await waitForPodAfter(scene, first.atMs, (pod) => readCondition(pod, 'Ready') === 'False')
  return {
    readyAfterMs: Math.round(first.atMs - opened),
    unreadyAfterMs: Math.round(after - closed),
    restarts: findContainerStatus(scene.pods.at(-1)?.pod, 'main')?.restartCount ?? null,
  }
}

async function observeInitialDelay(scene: CaseContext): Promise<Observations> {
  const readinessProbe = { exec: { command: ['true'] }, initialDelaySeconds: 3, periodSeconds: 1 }
  const up = await (await startPod(scene, buildContainer('main', idleScript, { readinessProbe }))).waitForLine('up')
  return { readyAfterMs: Math.round((await waitForReadyPod(scene, 'one')).atMs - up.atMs) }
}

async function observeLiveness(scene: CaseContext): Promise<Observations> {
  const livenessProbe = { exec: { command: ['test', '!', '-e', '/tmp/bad'] }, periodSeconds: 1, failureThreshold: 3 }
  // Its second life begins with new files, and ends before it fails again.
  const script = `trap 'echo TERM; exit 0' TERM; echo up; sleep 2 & wait $!; touch /tmp/bad; echo bad ${epochVariable}; ${waitLoop}`
  const voice = await startPod(scene, buildContainer('main', script, { livenessProbe }))
  const [bad, term] = [await voice.readTimeMs('bad'), await voice.waitForLine('TERM')]
  const { pod } = await waitForPod(
    scene,
    'one',
    'to restart',
    (pod) => (findContainerStatus(pod, 'main')?.restartCount ?? 0) === 1,
  )
  const [unhealthy, killing] = [
    await waitForEvents(scene, 'one', 'Unhealthy'),
    await waitForEvents(scene, 'one', 'Killing'),
  ]
  return {
    termAfterMs: Math.round(term.atMs - bad),
    exitCode: findContainerStatus(pod, 'main')?.lastState?.terminated?.exitCode ?? null,
    failures: unhealthy[0]?.count ?? null,
    unhealthy: unhealthy[0]?.message ?? null,
    killing: killing[0]?.message ?? null,
  }
}

async function observeStartup(scene: CaseContext): Promise<Observations> {
  const script = `trap 'echo TERM; exit 0' TERM; echo up; sleep 4 & wait $!; touch /tmp/alive /tmp/started; echo started; ${waitLoop}`
  const spec = buildContainer('main', script, {
    startupProbe: { ...buildFileProbe('/tmp/started'), failureThreshold: 20 },
    livenessProbe: { ...buildFileProbe('/tmp/alive'), failureThreshold: 1 },
    readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 },
  })
  const voice = await startPod(scene, spec)
  const started = await voice.waitForLine('started')
  const { atMs, pod } = await waitForReadyPod(scene, 'one')
  return {
    readyAfterMs: Math.round(atMs - started.atMs),
    startedBefore:
      scene.pods.find(({ pod }) => findContainerStatus(pod, 'main')?.state?.running)?.pod.status?.containerStatuses?.[0]
        ?.started ?? null,
    restarts: findContainerStatus(pod, 'main')?.restartCount ?? null,
    said: voice.lines.map(({ text }) => text),
  }
}

async function observeStartupFailure(scene: CaseContext): Promise<Observations> {
  const startupProbe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 3 }
  const voice = await startPod(
    scene,
    buildContainer('main', `trap 'echo TERM; exit 0' TERM; ${idleScript}`, { startupProbe }),
  )
  const [up, term] = [await voice.waitForLine('up'), await voice.waitForLine('TERM')]
  const [killing] = await waitForEvents(scene, 'one', 'Killing')
  return { termAfterMs: Math.round(term.atMs - up.atMs), killing: killing?.message ?? null }
}

async function observeProbeGrace(scene: CaseContext): Promise<Observations> {
  const livenessProbe = {
    exec: { command: ['false'] },
    periodSeconds: 1,
    failureThreshold: 1,
    terminationGracePeriodSeconds: 3,
  }
  const script = `trap 'echo TERM' TERM; echo up; while :; do echo tick; sleep 0.1; done`
  const spec = buildPodSpec([buildContainer('main', script, { livenessProbe })], { terminationGracePeriodSeconds: 40 })
  await createPod(scene, 'one', spec)
  const voice = followOutput(scene, 'one', 'main')
  const term = await voice.waitForLine('TERM')
  const { pod } = await waitForPod(
    scene,
    'one',
    'to restart',
    (pod) => (findContainerStatus(pod, 'main')?.restartCount ?? 0) === 1,
  )
  const ups = voice.lines.filter(({ text }) => text === 'up')
  const end = voice.lines.findLast(({ text, atMs }) => text === 'tick' && atMs < (ups[1]?.atMs ?? Infinity))
  await deletePod(scene, 'one', { gracePeriodSeconds: 1 })
  return {
    silentAfterTermMs: Math.round((end?.atMs ?? 0) - term.atMs),
    exitCode: findContainerStatus(pod, 'main')?.lastState?.terminated?.exitCode ?? null,
  }
}

/** The probe fails from the deletion on, which is reported while the pod ends. */
async function observeProbesAfterDeletion(scene: CaseContext): Promise<Observations> {
  const spec = buildContainer(
    'main',
    `touch /tmp/ready; trap 'rm /tmp/ready; echo TERM ${epochVariable}; sleep 4; exit 0' TERM; ${idleScript}`,
    {
      readinessProbe: { ...buildFileProbe('/tmp/ready'), failureThreshold: 1 },
      livenessProbe: { ...buildFileProbe('/tmp/ready'), failureThreshold: 1, initialDelaySeconds: 1 },
    },
  )
  await createPod(scene, 'one', buildPodSpec([spec]))
  const voice = followOutput(scene, 'one', 'main')
  await waitForReadyPod(scene, 'one')
  const deletedMs = await deletePod(scene, 'one')
  const term = await voice.readTimeMs('TERM')
  const atMs = await waitForPodAfter(scene, deletedMs, (pod) => readCondition(pod, 'Ready') === 'False')
  const last = await waitForPodRemoval(scene, 'one')
  return { unreadyAfterMs: Math.round(atMs - term), goneAfterTermMs: Math.round(last.atMs - term) }
}

export const probes: Topic = {
  topic: 'Probes',
  cases: [
    {
      name: 'no-probe',
      claim: 'Without a readiness probe a container is ready as soon as it runs.',
      source: `${pages.lifecycle}#container-probes`,
      observe: observeWithoutProbe,
      expected: { readyAfterMs: isBetween(-500, 3000), started: true },
    },
    {
      name: 'readiness-thresholds',
      claim:
        'A container gets ready after successThreshold successes and unready after failureThreshold failures; it is not restarted.',
      source: pages.probes,
      observe: observeReadiness,
      expected: {
        readyAfterMs: isBetween(1000, 2000 + lateMs),
        unreadyAfterMs: isBetween(2000, 3000 + lateMs),
        restarts: 0,
      },
    },
    {
      name: 'initial-delay',
      claim: 'No probe before initialDelaySeconds have passed since the container’s start.',
      source: pages.probes,
      observe: observeInitialDelay,
      expected: { readyAfterMs: isBetween(2500, 4000 + lateMs) },
    },
    {
      name: 'liveness-restarts',
      claim:
        'After failureThreshold failures of the liveness probe the container is stopped in good order and started again.',
      source: pages.probes,
      observe: observeLiveness,
      expected: {
        termAfterMs: isBetween(2000, 3000 + lateMs),
        exitCode: 0,
        failures: isBetween(1, 3),
        unhealthy: matchesPattern(/^Liveness probe failed: *$/),
        killing: 'Container main failed liveness probe, will be restarted',
      },
    },
    {
      name: 'liveness-grace',
      claim: 'A liveness probe’s own terminationGracePeriodSeconds takes the place of the pod’s.',
      source: pages.probes,
      observe: observeProbeGrace,
      expected: { silentAfterTermMs: isBetween(2000, 3000 + lateMs), exitCode: 137 },
    },
    {
      name: 'startup-holds-the-others',
      claim: 'Until the startup probe has succeeded neither liveness nor readiness is probed.',
      source: pages.probes,
      observe: observeStartup,
      expected: {
        readyAfterMs: isBetween(0, 2000 + lateMs),
        startedBefore: false,
        restarts: 0,
        said: ['up', 'started'],
      },
    },
    {
      name: 'startup-fails',
      claim:
        'After failureThreshold failures of the startup probe the container is killed, subject to the restartPolicy.',
      source: pages.probes,
      observe: observeStartupFailure,
      expected: {
        termAfterMs: isBetween(2000 - 1000, 3000 + lateMs),
        killing: 'Container main failed startup probe, will be restarted',
      },
    },
    {
      name: 'probes-while-ending',
      claim: 'While a pod ends its readiness is still probed and its liveness is not: nothing is restarted.',
      source: pages.probes,
      observe: observeProbesAfterDeletion,
      expected: { unreadyAfterMs: isBetween(0, 1000 + lateMs), goneAfterTermMs: isBetween(4000, 4000 + 2 * lateMs) },
    },
  ],
}
