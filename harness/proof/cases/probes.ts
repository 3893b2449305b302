/** Probes: what each kind decides, when, and after how many failures. */
import type { V1Container, V1Probe } from '@kubernetes/client-node'
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import { lateMs } from '../stage/pod-ending.ts'
import { events } from '../stage/events.ts'
import { between, matching } from '../stage/expectation.ts'
import {
  condition,
  container,
  containerStatus,
  createPod,
  deletePod,
  gone,
  idle,
  now,
  podSpec,
  ready,
  rest,
  seen,
} from '../stage/pods.ts'
import type { Scene } from '../stage/case-context.ts'
import { listen } from '../refusals/container-output.ts'

const file = (path: string): Partial<V1Probe> => ({ exec: { command: ['test', '-e', path] }, periodSeconds: 1 })
const brief = { terminationGracePeriodSeconds: 2 }

async function start(scene: Scene, spec: V1Container): Promise<ReturnType<typeof listen>> {
  await createPod(scene, 'one', podSpec([spec], brief))
  return listen(scene, 'one', spec.name)
}

async function withoutProbe(scene: Scene): Promise<Observations> {
  const up = await (await start(scene, container('main', idle))).heard('up')
  const { atMs, pod } = await ready(scene, 'one')
  return { readyAfterMs: Math.round(atMs - up.atMs), started: containerStatus(pod, 'main')?.started ?? null }
}

/** Ready from 2 s to 5 s after the start, as the probe finds it. */
async function readiness(scene: Scene): Promise<Observations> {
  const script = `echo up; sleep 2; touch /tmp/ready; echo opened ${now}; sleep 4; rm /tmp/ready; echo closed ${now}; ${rest}`
  const readinessProbe = { ...file('/tmp/ready'), successThreshold: 2, failureThreshold: 3 }
  const voice = await start(scene, container('main', script, { readinessProbe }))
  const [opened, closed] = await Promise.all([voice.told('opened'), voice.told('closed')])
  const first = await ready(scene, 'one')
  const after = await seenAfter(scene, first.atMs, (pod) => condition(pod, 'Ready') === 'False')
  return {
    readyAfterMs: Math.round(first.atMs - opened),
    unreadyAfterMs: Math.round(after - closed),
    restarts: containerStatus(scene.pods.at(-1)?.pod, 'main')?.restartCount ?? null,
  }
}

async function seenAfter(scene: Scene, fromMs: number, holds: Parameters<typeof seen>[3]): Promise<number> {
  const later = {
    ...scene,
    get pods() {
      return scene.pods.filter(({ atMs }) => atMs > fromMs)
    },
  }
  return (await seen(later, 'one', 'to change', holds)).atMs
}

async function initialDelay(scene: Scene): Promise<Observations> {
  const readinessProbe = { exec: { command: ['true'] }, initialDelaySeconds: 3, periodSeconds: 1 }
  const up = await (await start(scene, container('main', idle, { readinessProbe }))).heard('up')
  return { readyAfterMs: Math.round((await ready(scene, 'one')).atMs - up.atMs) }
}

async function liveness(scene: Scene): Promise<Observations> {
  const livenessProbe = { exec: { command: ['test', '!', '-e', '/tmp/bad'] }, periodSeconds: 1, failureThreshold: 3 }
  // Its second life begins with files of its own, and ends before it turns bad again.
  const script = `trap 'echo TERM; exit 0' TERM; echo up; sleep 2 & wait $!; touch /tmp/bad; echo bad ${now}; ${rest}`
  const voice = await start(scene, container('main', script, { livenessProbe }))
  const [bad, term] = [await voice.told('bad'), await voice.heard('TERM')]
  const { pod } = await seen(
    scene,
    'one',
    'to restart',
    (pod) => (containerStatus(pod, 'main')?.restartCount ?? 0) === 1,
  )
  const [unhealthy, killing] = [await events(scene, 'one', 'Unhealthy'), await events(scene, 'one', 'Killing')]
  return {
    termAfterMs: Math.round(term.atMs - bad),
    exitCode: containerStatus(pod, 'main')?.lastState?.terminated?.exitCode ?? null,
    failures: unhealthy[0]?.count ?? null,
    unhealthy: unhealthy[0]?.message ?? null,
    killing: killing[0]?.message ?? null,
  }
}

async function startup(scene: Scene): Promise<Observations> {
  const script = `trap 'echo TERM; exit 0' TERM; echo up; sleep 4 & wait $!; touch /tmp/alive /tmp/started; echo started; ${rest}`
  const spec = container('main', script, {
    startupProbe: { ...file('/tmp/started'), failureThreshold: 20 },
    livenessProbe: { ...file('/tmp/alive'), failureThreshold: 1 },
    readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 },
  })
  const voice = await start(scene, spec)
  const started = await voice.heard('started')
  const { atMs, pod } = await ready(scene, 'one')
  return {
    readyAfterMs: Math.round(atMs - started.atMs),
    startedBefore:
      scene.pods.find(({ pod }) => containerStatus(pod, 'main')?.state?.running)?.pod.status?.containerStatuses?.[0]
        ?.started ?? null,
    restarts: containerStatus(pod, 'main')?.restartCount ?? null,
    said: voice.lines.map(({ text }) => text),
  }
}

async function startupFails(scene: Scene): Promise<Observations> {
  const startupProbe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 3 }
  const voice = await start(scene, container('main', `trap 'echo TERM; exit 0' TERM; ${idle}`, { startupProbe }))
  const [up, term] = [await voice.heard('up'), await voice.heard('TERM')]
  const [killing] = await events(scene, 'one', 'Killing')
  return { termAfterMs: Math.round(term.atMs - up.atMs), killing: killing?.message ?? null }
}

async function graceOfProbe(scene: Scene): Promise<Observations> {
  const livenessProbe = {
    exec: { command: ['false'] },
    periodSeconds: 1,
    failureThreshold: 1,
    terminationGracePeriodSeconds: 3,
  }
  const script = `trap 'echo TERM' TERM; echo up; while :; do echo tick; sleep 0.1; done`
  const spec = podSpec([container('main', script, { livenessProbe })], { terminationGracePeriodSeconds: 40 })
  await createPod(scene, 'one', spec)
  const voice = listen(scene, 'one', 'main')
  const term = await voice.heard('TERM')
  const { pod } = await seen(
    scene,
    'one',
    'to restart',
    (pod) => (containerStatus(pod, 'main')?.restartCount ?? 0) === 1,
  )
  const ups = voice.lines.filter(({ text }) => text === 'up')
  const end = voice.lines.findLast(({ text, atMs }) => text === 'tick' && atMs < (ups[1]?.atMs ?? Infinity))
  await deletePod(scene, 'one', { gracePeriodSeconds: 1 })
  return {
    silentAfterTermMs: Math.round((end?.atMs ?? 0) - term.atMs),
    exitCode: containerStatus(pod, 'main')?.lastState?.terminated?.exitCode ?? null,
  }
}

/** The probe fails from the deletion on: whoever asks while the pod ends is told so. */
async function whileEnding(scene: Scene): Promise<Observations> {
  const spec = container(
    'main',
    `touch /tmp/ready; trap 'rm /tmp/ready; echo TERM ${now}; sleep 4; exit 0' TERM; ${idle}`,
    {
      readinessProbe: { ...file('/tmp/ready'), failureThreshold: 1 },
      livenessProbe: { ...file('/tmp/ready'), failureThreshold: 1, initialDelaySeconds: 1 },
    },
  )
  await createPod(scene, 'one', podSpec([spec]))
  const voice = listen(scene, 'one', 'main')
  await ready(scene, 'one')
  const deletedMs = await deletePod(scene, 'one')
  const term = await voice.told('TERM')
  const atMs = await seenAfter(scene, deletedMs, (pod) => condition(pod, 'Ready') === 'False')
  const last = await gone(scene, 'one')
  return { unreadyAfterMs: Math.round(atMs - term), goneAfterTermMs: Math.round(last.atMs - term) }
}

export const probes: Topic = {
  topic: 'Probes',
  cases: [
    {
      name: 'no-probe',
      claim: 'Without a readiness probe a container is ready as soon as it runs.',
      source: `${pages.lifecycle}#container-probes`,
      observe: withoutProbe,
      expected: { readyAfterMs: between(-500, 3000), started: true },
    },
    {
      name: 'readiness-thresholds',
      claim:
        'A container gets ready after successThreshold successes and unready after failureThreshold failures; it is not restarted.',
      source: pages.probes,
      observe: readiness,
      expected: {
        readyAfterMs: between(1000, 2000 + lateMs),
        unreadyAfterMs: between(2000, 3000 + lateMs),
        restarts: 0,
      },
    },
    {
      name: 'initial-delay',
      claim: 'No probe before initialDelaySeconds have passed since the container’s start.',
      source: pages.probes,
      observe: initialDelay,
      expected: { readyAfterMs: between(2500, 4000 + lateMs) },
    },
    {
      name: 'liveness-restarts',
      claim:
        'After failureThreshold failures of the liveness probe the container is stopped in good order and started again.',
      source: pages.probes,
      observe: liveness,
      expected: {
        termAfterMs: between(2000, 3000 + lateMs),
        exitCode: 0,
        failures: between(1, 3),
        unhealthy: matching(/^Liveness probe failed: *$/),
        killing: 'Container main failed liveness probe, will be restarted',
      },
    },
    {
      name: 'liveness-grace',
      claim: 'A liveness probe’s own terminationGracePeriodSeconds takes the place of the pod’s.',
      source: pages.probes,
      observe: graceOfProbe,
      expected: { silentAfterTermMs: between(2000, 3000 + lateMs), exitCode: 137 },
    },
    {
      name: 'startup-holds-the-others',
      claim: 'Until the startup probe has succeeded neither liveness nor readiness is probed.',
      source: pages.probes,
      observe: startup,
      expected: {
        readyAfterMs: between(0, 2000 + lateMs),
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
      observe: startupFails,
      expected: {
        termAfterMs: between(2000 - 1000, 3000 + lateMs),
        killing: 'Container main failed startup probe, will be restarted',
      },
    },
    {
      name: 'probes-while-ending',
      claim: 'While a pod ends its readiness is still probed and its liveness is not: nothing is restarted.',
      source: pages.probes,
      observe: whileEnding,
      expected: { unreadyAfterMs: between(0, 1000 + lateMs), goneAfterTermMs: between(4000, 4000 + 2 * lateMs) },
    },
  ],
}
