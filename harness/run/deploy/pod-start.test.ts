import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CoreV1Event, V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import { describe, expect, test } from 'vitest'
import type { KubeApi } from '../../cluster/api.ts'
import { Fault } from '../../base/fault.ts'
import { PodStartMonitor, mayHealMs } from './pod-start.ts'

interface Seen {
  pod: V1Pod
  events: CoreV1Event[]
}

/** The same pod, seen every second until it fails: ms until then and the message, or what it waits for after two minutes. */
async function watchStart(look: (ms: number) => Seen): Promise<{ afterMs: number | null; said: string }> {
  let ms = 0
  const api = { core: { listNamespacedEvent: () => Promise.resolve({ items: look(ms).events }) } } as unknown as KubeApi
  const starting = new PodStartMonitor(api, 'n', () => ms)
  let said = ''
  for (; ms <= 120_000; ms += 1_000) {
    try {
      said = await starting.checkPods([look(ms).pod])
    } catch (error) {
      expect(error).toBeInstanceOf(Fault)
      return { afterMs: ms, said: (error as Fault).message }
    }
  }
  return { afterMs: null, said }
}

const buildUnready = (state: V1ContainerStatus['state'], more: Partial<V1ContainerStatus> = {}): V1ContainerStatus => ({
  name: 'app',
  image: 'app:1',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...(state && { state }),
  ...more,
})

function podWith(...containerStatuses: V1ContainerStatus[]): V1Pod {
  return { metadata: { name: 'web-1', uid: 'u' }, status: { phase: 'Pending', containerStatuses } }
}

const buildEvent = (reason: string, message: string, fieldPath?: string): CoreV1Event => ({
  metadata: {},
  involvedObject: { kind: 'Pod', name: 'web-1', uid: 'u', ...(fieldPath !== undefined && { fieldPath }) },
  reason,
  message,
})

const creating = podWith(buildUnready({ waiting: { reason: 'ContainerCreating' } }))
const buildProbeEvent = (message: string): CoreV1Event => buildEvent('Unhealthy', message, 'spec.containers{app}')
const running = podWith(buildUnready({ running: {} }))

/** Pods that a real kubelet could not start, with its messages. */
function readRecordedCases(): [title: string, seen: Seen][] {
  const file = join(import.meta.dirname, '../../proof/refusals/stuck-pods.golden.txt')
  return readFileSync(file, 'utf8')
    .split(/^# /m)
    .slice(1)
    .map((text): [string, Seen] => {
      const [title = '', , ...lines] = text.trim().split('\n')
      const events = lines
        .filter((line) => /^(Warning|Normal) /.test(line))
        .map((line) => {
          const [, reason = '', fieldPath = '', message = ''] = /^\w+ (\S+) (\S*) (.*)/.exec(line) ?? []
          return buildEvent(reason, message, fieldPath)
        })
      const statuses = lines.filter((line) => /^\w+: /.test(line)).map(parseStatus)
      const isInit = statuses.some(({ name }) => name === 'init')
      const pod = podWith(...statuses.filter(({ name }) => name !== 'init'))
      if (isInit) Object.assign(pod.status ?? {}, { initContainerStatuses: statuses.slice(0, 1) })
      return [title, { pod, events }]
    })
}

function parseStatus(line: string): V1ContainerStatus {
  const [, name = '', kind, reason = '', rest = ''] = /^(\w+): (\w+) ?(\S*) ?(.*)$/.exec(line) ?? []
  if (kind === 'running') return buildUnready({ running: {} }, { name, ready: true })
  const [, message = '', lastReason, exitCode, lastMessage] = /^(.*?)(?: \(last: (\w+) (\d+) (.*)\))?$/.exec(rest) ?? []
  const last = lastReason && { reason: lastReason, exitCode: Number(exitCode), message: lastMessage ?? '' }
  return buildUnready({ waiting: { reason, message } }, { name, ...(last && { lastState: { terminated: last } }) })
}

describe('pod start: a pod that a kubelet cannot start', () => {
  const stuck = readRecordedCases().filter(([, { pod }]) => !pod.status?.containerStatuses?.every(({ ready }) => ready))

  test('is known from a real cluster in twenty ways', () => expect(stuck.length).toBeGreaterThanOrEqual(20))

  test.each(stuck)('%s: ends the wait with the words of its status or its Event', async (_, seen) => {
    const { afterMs, said } = await watchStart(() => seen)
    expect(afterMs).not.toBeNull()
    expect(afterMs).toBeLessThanOrEqual(mayHealMs)
    const words = [
      ...seen.events.map(({ message }) => message?.replace(/^Error: /, '') ?? ''),
      ...[...(seen.pod.status?.initContainerStatuses ?? []), ...(seen.pod.status?.containerStatuses ?? [])].flatMap(
        ({ state, lastState }) => [state?.waiting?.message, lastState?.terminated?.message],
      ),
    ]
    expect(words.some((word) => word !== undefined && word.length > 10 && said.includes(word))).toBe(true)
  })
})

/** The message of containerd and runc. */
const noProgram =
  'rpc error: code = Unknown desc = failed to exec in container: OCI runtime exec failed: exec failed: unable to start container ' +
  'process: exec: "nope": executable file not found in $PATH: unknown'
const noHealthService =
  'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health'

describe('ends at once', () => {
  test.each<[what: string, seen: Seen, said: string]>([
    [
      'a container whose settings contradict its image',
      {
        pod: podWith(
          buildUnready({
            waiting: { reason: 'CreateContainerConfigError', message: 'container has runAsNonRoot and image …' },
          }),
        ),
        events: [],
      },
      'Cannot start web-1/app: CreateContainerConfigError: container has runAsNonRoot and image …',
    ],
    [
      'a gRPC probe of a server without such a service',
      { pod: running, events: [buildProbeEvent(`Readiness probe failed: ${noHealthService}`)] },
      `Cannot start web-1/app: Readiness probe failed: ${noHealthService}`,
    ],
    [
      'a probe whose program the image does not have',
      { pod: running, events: [buildProbeEvent(`Readiness probe errored: ${noProgram}`)] },
      `Cannot start web-1/app: Readiness probe errored: ${noProgram}`,
    ],
  ])('%s', async (_, seen, said) => {
    expect(await watchStart(() => seen)).toEqual({ afterMs: 0, said })
  })
})

describe('pod start: a wait goes on for', () => {
  test('what heals before the limit', async () => {
    const mount = buildEvent(
      'FailedMount',
      'MountVolume.SetUp failed for volume "x" : configmap "kube-root-ca.crt" not found',
    )
    const { afterMs } = await watchStart((ms) =>
      ms < mayHealMs ? { pod: creating, events: [mount] } : { pod: running, events: [mount] },
    )
    expect(afterMs).toBeNull()
  })

  test('what heals and comes back for a moment', async () => {
    const mount = buildEvent('FailedMount', 'no')
    const seen = (ms: number): CoreV1Event[] => (ms < 8_000 || (ms > 20_000 && ms < 25_000) ? [mount] : [])
    expect(await watchStart((ms) => ({ pod: creating, events: seen(ms) }))).toMatchObject({ afterMs: null })
  })

  test('a mount that has healed while a large image is pulled', async () => {
    const events = [
      buildEvent('FailedMount', 'failed to sync configmap cache'),
      buildEvent('Pulling', 'Pulling image "app:1"'),
    ]
    expect(await watchStart(() => ({ pod: creating, events }))).toMatchObject({ afterMs: null })
  })

  test('a pod that waits for a node, by Events as the client reads them', async () => {
    const at = (eventTime: string): CoreV1Event =>
      Object.assign(buildEvent('FailedScheduling', '0/3 nodes'), { eventTime, lastTimestamp: null })
    const events = [at('2026-11-29T14:00:01.123456Z'), at('2026-11-29T14:00:00.123456Z')]
    expect(await watchStart(() => ({ pod: podWith(), events }))).toMatchObject({ afterMs: null })
  })

  test('a pod that waits for a node', async () => {
    const pod: V1Pod = {
      metadata: { name: 'web-1', uid: 'u' },
      status: { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/2 nodes are available' }] },
    }
    expect(await watchStart(() => ({ pod, events: [buildEvent('FailedScheduling', '0/2 nodes')] }))).toEqual({
      afterMs: null,
      said: 'web-1: 0/2 nodes are available',
    })
  })

  test('a probe that may yet succeed, whose last words are told', async () => {
    const events = [buildProbeEvent('Readiness probe failed: HTTP probe failed with statuscode: 503')]
    expect(await watchStart(() => ({ pod: running, events }))).toEqual({
      afterMs: null,
      said: 'web-1/app: Readiness probe failed: HTTP probe failed with statuscode: 503',
    })
  })

  test('a probe of a container that is just being restarted', async () => {
    const events = [
      buildProbeEvent(
        'Readiness probe errored: OCI runtime exec failed: exec failed: cannot exec in a stopped container',
      ),
    ]
    expect(await watchStart(() => ({ pod: running, events }))).toMatchObject({ afterMs: null })
  })

  test('a container that ends and is started again, whose exit code is told', async () => {
    const lastState = { terminated: { exitCode: 1, reason: 'Error' } }
    const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' } }
    expect(await watchStart(() => ({ pod: podWith(buildUnready(state, { lastState })), events: [] }))).toEqual({
      afterMs: null,
      said: 'web-1/app: CrashLoopBackOff: back-off 10s restarting failed container: it ended with exit code 1',
    })
  })

  test('an Event of another pod', async () => {
    const other = buildEvent('FailedMount', 'no')
    other.involvedObject.uid = 'another'
    expect(await watchStart(() => ({ pod: creating, events: [other] }))).toMatchObject({ afterMs: null })
  })
})

test('pod start: a user who may not read Events is told the statuses', async () => {
  const api = { core: { listNamespacedEvent: () => Promise.reject(new Error('forbidden')) } } as unknown as KubeApi
  expect(await new PodStartMonitor(api, 'n').checkPods([creating])).toBe('web-1/app: ContainerCreating')
})
