import { expect, test } from 'vitest'
import type { Container } from '../store/objects.ts'
import type { Script } from '../testing/scripted-runtime.ts'
import { TestCluster } from '../testing/test-kubelet.ts'

/** A PID 1 that ends in time, and one that handles no signals (an entrypoint without `exec`). */
const obedient: Script = { onSignal: { SIGTERM: { afterMs: 50, exitCode: 0 } } }
const deaf: Script = {}
type Lifecycle = NonNullable<Container['lifecycle']>

interface Case {
  title: string
  script: Script
  lifecycle?: Lifecycle
  graceSeconds: number
  /** Exactly these, in this order. */
  order: string[]
  /** ms after the deletion: the lower bound is exact, the upper bound generous. */
  signalMs: number
  endMs: number
  exitCode: number
}

const cases: Case[] = [
  {
    title: 'without a hook the stop signal is sent at once',
    script: obedient,
    graceSeconds: 3,
    order: ['Killing', 'SIGTERM', 'ContainerExited'],
    signalMs: 0,
    endMs: 49,
    exitCode: 0,
  },
  {
    title: 'the stop signal waits for the end of an exec hook',
    script: obedient,
    lifecycle: { preStop: { exec: { command: ['sleep', '0.3'] } } },
    graceSeconds: 3,
    order: ['Killing', 'PreStopHookStarted', 'PreStopHookFinished', 'SIGTERM', 'ContainerExited'],
    signalMs: 299,
    endMs: 349,
    exitCode: 0,
  },
  {
    title: 'the stop signal waits for a native sleep, which needs no binary',
    script: obedient,
    lifecycle: { preStop: { sleep: { seconds: 1 } } },
    graceSeconds: 3,
    order: ['Killing', 'PreStopHookStarted', 'PreStopHookFinished', 'SIGTERM', 'ContainerExited'],
    signalMs: 999,
    endMs: 1049,
    exitCode: 0,
  },
  {
    title: 'PID 1 that ignores the stop signal is killed when the grace period ends',
    script: deaf,
    graceSeconds: 2,
    order: ['Killing', 'SIGTERM', 'SIGKILL', 'ContainerExited'],
    signalMs: 0,
    endMs: 2000,
    exitCode: 137,
  },
  {
    title: 'the time that a hook took is taken off the grace period',
    script: deaf,
    lifecycle: { preStop: { sleep: { seconds: 1 } } },
    graceSeconds: 4,
    order: ['Killing', 'PreStopHookStarted', 'PreStopHookFinished', 'SIGTERM', 'SIGKILL', 'ContainerExited'],
    signalMs: 999,
    endMs: 4000,
    exitCode: 137,
  },
  {
    title: 'a hook that uses up the grace period leaves two seconds after the stop signal',
    script: deaf,
    lifecycle: { preStop: { exec: { command: ['sleep', '60'] } } },
    graceSeconds: 1,
    order: [
      'Killing',
      'PreStopHookStarted',
      'SIGTERM',
      'SIGKILL',
      'ContainerExited',
      'PreStopHookFinished',
      'FailedPreStopHook',
    ],
    signalMs: 1000,
    endMs: 3000,
    exitCode: 137,
  },
  {
    title: 'a hook that fails is told, and the stop signal follows at once',
    script: obedient,
    lifecycle: { preStop: { exec: { command: ['false'] } } },
    graceSeconds: 3,
    order: ['Killing', 'PreStopHookStarted', 'PreStopHookFinished', 'FailedPreStopHook', 'SIGTERM', 'ContainerExited'],
    signalMs: 0,
    endMs: 49,
    exitCode: 0,
  },
  {
    title: 'a hook whose binary is missing is told, and the stop signal follows at once',
    script: obedient,
    lifecycle: { preStop: { exec: { command: ['/bin/no-such-thing', '5'] } } },
    graceSeconds: 3,
    order: ['Killing', 'PreStopHookStarted', 'PreStopHookFinished', 'FailedPreStopHook', 'SIGTERM', 'ContainerExited'],
    signalMs: 0,
    endMs: 49,
    exitCode: 0,
  },
  {
    title: 'with a grace period of 0 no hook runs and two seconds are left after the stop signal',
    script: deaf,
    lifecycle: { preStop: { sleep: { seconds: 1 } } },
    graceSeconds: 0,
    order: ['Killing', 'SIGTERM', 'SIGKILL', 'ContainerExited'],
    signalMs: 0,
    endMs: 2000,
    exitCode: 137,
  },
  {
    title: "the image's STOPSIGNAL goes before SIGTERM",
    script: { stopSignal: 'SIGQUIT', onSignal: { SIGQUIT: { afterMs: 50, exitCode: 0 } } },
    graceSeconds: 3,
    order: ['Killing', 'SIGQUIT', 'ContainerExited'],
    signalMs: 0,
    endMs: 49,
    exitCode: 0,
  },
  {
    title: "the pod's stopSignal goes before the image's",
    script: { stopSignal: 'SIGQUIT', onSignal: { SIGUSR1: { afterMs: 50, exitCode: 7 } } },
    lifecycle: { stopSignal: 'SIGUSR1' },
    graceSeconds: 3,
    order: ['Killing', 'SIGUSR1', 'ContainerExited'],
    signalMs: 0,
    endMs: 49,
    exitCode: 7,
  },
]

test.concurrent.each(cases)('Termination: $title', async (each) => {
  await using cluster = await TestCluster.start({ app: [each.script] })
  cluster.createPod({
    containers: [{ name: 'app', image: 'app', ...(each.lifecycle && { lifecycle: each.lifecycle }) }],
  })
  await cluster.waitUntilReady()
  const before = cluster.listInOrder().length
  cluster.deletePod(each.graceSeconds)
  await cluster.waitUntilGone()

  expect(cluster.listInOrder().slice(before)).toEqual(each.order.map((what) => `${what} app`))
  const signal = each.order.find((what) => what.startsWith('SIG')) ?? ''
  const signalMs = cluster.msAfterKilling('StopSignalSent', 'app', signal)
  expect(signalMs).toBeGreaterThanOrEqual(each.signalMs)
  expect(signalMs).toBeLessThan(each.signalMs + 500)
  const endMs = cluster.msAfterKilling('ContainerExited', 'app')
  expect(endMs).toBeGreaterThanOrEqual(each.endMs - 1)
  expect(endMs).toBeLessThan(each.endMs + 500)
  const last = cluster.history.findLast(({ type }) => type === 'MODIFIED')?.pod.status
  expect(last?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
    exitCode: each.exitCode,
    reason: each.exitCode === 0 ? 'Completed' : 'Error',
  })
  expect(last?.phase).toBe(each.exitCode === 0 ? 'Succeeded' : 'Failed')
})
