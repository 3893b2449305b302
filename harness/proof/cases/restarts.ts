/** Containers that end by themselves. */
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import { lateMs } from '../stage/pod-ending.ts'
import { isBetween, matchesPattern } from '../stage/expectation.ts'
import {
  readCondition,
  buildContainer,
  findContainerStatus,
  createPod,
  buildPodSpec,
  waitForPod,
} from '../stage/pods.ts'
import { waitUntil } from '../stage/case-context.ts'
import type { CaseContext } from '../stage/case-context.ts'
import { followOutput } from '../refusals/container-output.ts'

/** The first start leaves a file on the volume: the second one stays, so that it is not missed. */
const volume = { name: 'state', emptyDir: {} }
const sleepOnSecondStart = '[ -e /state/begun ] && exec sleep 3600; touch /state/begun'

async function observeRestart(scene: CaseContext, restartPolicy: string, script: string): Promise<Observations> {
  const main = buildContainer('main', `${sleepOnSecondStart}; ${script}`, {
    volumeMounts: [{ name: 'state', mountPath: '/state' }],
  })
  await createPod(
    scene,
    'one',
    buildPodSpec([main], { restartPolicy, terminationGracePeriodSeconds: 1, volumes: [volume] }),
  )
  const { pod } = await waitForPod(scene, 'one', 'to end or begin again', (pod) => {
    const { restartCount = 0, state } = findContainerStatus(pod, 'main') ?? {}
    return /Succeeded|Failed/.test(pod.status?.phase ?? '') || (restartCount === 1 && state?.running !== undefined)
  })
  const { restartCount, state, lastState } = findContainerStatus(pod, 'main') ?? {}
  const end = state?.terminated ?? lastState?.terminated
  return {
    phase: pod.status?.phase ?? null,
    restarts: restartCount ?? null,
    exitCode: end?.exitCode ?? null,
    reason: end?.reason ?? null,
    ready: readCondition(pod, 'Ready') ?? null,
  }
}

/** Three starts: the first restart comes at once, the second after ten seconds. */
async function observeBackOff(scene: CaseContext): Promise<Observations> {
  // It lives long enough for its log to be followed, and for each end to show in the status.
  await createPod(scene, 'one', buildPodSpec([buildContainer('main', 'echo "up $(date +%s%N)"; sleep 1; exit 1')]))
  const voice = followOutput(scene, 'one', 'main')
  const { pod } = await waitForPod(scene, 'one', 'to back off', (pod) => {
    const { restartCount = 0, state } = findContainerStatus(pod, 'main') ?? {}
    return restartCount === 1 && state?.waiting?.reason === 'CrashLoopBackOff'
  })
  const ups = await waitUntil(scene, 'a third start', () =>
    voice.lines.length >= 3 ? voice.lines.map(({ text }) => Number(text.split(' ')[1]) / 1e6) : undefined,
  )
  const { waiting } = findContainerStatus(pod, 'main')?.state ?? {}
  return {
    firstGapMs: Math.round((ups[1] ?? 0) - (ups[0] ?? 0)),
    secondGapMs: Math.round((ups[2] ?? 0) - (ups[1] ?? 0)),
    phase: pod.status?.phase ?? null,
    message: waiting?.message ?? null,
  }
}

export const restarts: Topic = {
  topic: 'Restarts',
  cases: [
    {
      name: 'restart-always',
      claim: 'With restartPolicy Always a container that ended with 0 is started again.',
      source: `${pages.lifecycle}#restart-policy`,
      observe: (scene) => observeRestart(scene, 'Always', 'sleep 1; exit 0'),
      expected: { phase: 'Running', restarts: 1, exitCode: 0, reason: 'Completed' },
    },
    {
      name: 'restart-on-failure',
      claim: 'With restartPolicy OnFailure a container that failed is started again.',
      source: `${pages.lifecycle}#restart-policy`,
      observe: (scene) => observeRestart(scene, 'OnFailure', 'sleep 1; exit 6'),
      expected: { phase: 'Running', restarts: 1, exitCode: 6, reason: 'Error' },
    },
    {
      name: 'no-restart-after-success',
      claim:
        'With restartPolicy OnFailure a container that ended with 0 is done, and its pod Succeeded and no longer ready.',
      source: `${pages.lifecycle}#restart-policy`,
      observe: (scene) => observeRestart(scene, 'OnFailure', 'sleep 1; exit 0'),
      expected: { phase: 'Succeeded', restarts: 0, exitCode: 0, reason: 'Completed', ready: 'False' },
    },
    {
      name: 'restart-never',
      claim: 'With restartPolicy Never a container that failed makes its pod Failed.',
      source: `${pages.lifecycle}#restart-policy`,
      observe: (scene) => observeRestart(scene, 'Never', 'sleep 1; exit 6'),
      expected: { phase: 'Failed', restarts: 0, exitCode: 6, reason: 'Error', ready: 'False' },
    },
    {
      name: 'exit-by-signal',
      claim: 'A container that a signal ends has 128 + its number as exit code.',
      source: `${pages.lifecycle}#container-state-terminated`,
      observe: (scene) =>
        observeRestart(scene, 'Never', `sleep 1; exec python3 -c 'import ctypes; ctypes.string_at(0)'`),
      expected: { phase: 'Failed', restarts: 0, exitCode: 139, reason: 'Error' },
    },
    {
      name: 'back-off',
      claim:
        'A container that keeps failing waits ten seconds before its second restart, in the state CrashLoopBackOff.',
      source: `${pages.lifecycle}#restart-policy`,
      observe: observeBackOff,
      expected: {
        firstGapMs: isBetween(1000, 6000),
        // A second of work, ten of waiting, and up to five more: the interval at which the kubelet checks a pod that failed to start
        // (pod_workers.go, backOffPeriod with its jitter).
        secondGapMs: isBetween(11_000 - 1000, 11_000 + 5000 + lateMs),
        phase: 'Running',
        message: matchesPattern(/^back-off 10s restarting failed container=main pod=one_/),
      },
    },
  ],
}
