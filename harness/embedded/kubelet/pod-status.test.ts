import { expect, test } from 'vitest'
import { BackOff, formatGoDuration, shouldRestart } from '../containers/back-off.ts'
import type { ContainerFacts, ContainerState } from '../containers/container-facts.ts'
import { getPhase, generateApiPodStatus } from './pod-status.ts'

const running: ContainerState = { running: {} }
const waiting: ContainerState = { waiting: {} }
const createTerminatedState = (exitCode: number): ContainerState => ({ terminated: { exitCode } })

function createFacts(state: ContainerState, more: Partial<ContainerFacts> = {}): ContainerFacts {
  const known = { last: undefined, id: undefined, restarts: 0, started: false, ready: false }
  return { name: 'app', image: 'i', role: 'main', state, ...known, ...more }
}

test.each([
  { restartPolicy: 'Always', states: [waiting], phase: 'Pending' },
  { restartPolicy: 'Always', states: [running, waiting], phase: 'Pending' },
  { restartPolicy: 'Always', states: [running, running], phase: 'Running' },
  { restartPolicy: 'Always', states: [createTerminatedState(1)], phase: 'Running' },
  { restartPolicy: 'OnFailure', states: [createTerminatedState(1), createTerminatedState(0)], phase: 'Running' },
  { restartPolicy: 'OnFailure', states: [createTerminatedState(0), createTerminatedState(0)], phase: 'Succeeded' },
  { restartPolicy: 'Never', states: [createTerminatedState(1), createTerminatedState(0)], phase: 'Failed' },
  { restartPolicy: 'Never', states: [createTerminatedState(1), running], phase: 'Running' },
])('Pod status: with $restartPolicy, containers $states make a pod $phase', ({ restartPolicy, states, phase }) => {
  const pod = { spec: { restartPolicy, containers: [] } }
  expect(getPhase({ pod, containers: states.map((state) => createFacts(state)), ended: false })).toBe(phase)
})

test('Pod status: Pending during init, at the end Succeeded or Failed', () => {
  const pod = { spec: { containers: [] } }
  const init = createFacts(running, { role: 'init' })
  expect(getPhase({ pod, containers: [init, createFacts(waiting)], ended: false })).toBe('Pending')
  expect(getPhase({ pod, containers: [createFacts(createTerminatedState(0))], ended: true })).toBe('Succeeded')
  expect(getPhase({ pod, containers: [createFacts(waiting)], ended: true })).toBe('Failed')
})

test('Pod status: a container between two starts leaves it Running', () => {
  const crashed = createFacts(waiting, { last: { exitCode: 1 }, id: 'nodrop://1' })
  expect(getPhase({ pod: { spec: { containers: [] } }, containers: [crashed], ended: false })).toBe('Running')
})

test('Pod status: a condition keeps the time of its last transition', () => {
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: 'early' }
  const known = { type: 'Initialized', status: 'True', lastTransitionTime: 'early' }
  const { conditions } = generateApiPodStatus({
    pod: { spec: { containers: [] }, status: { qosClass: 'BestEffort', conditions: [scheduled, known] } },
    now: 'now',
    startTime: 'start',
    hostIp: '127.0.0.1',
    podIp: '10.0.0.2',
    containers: [createFacts(running, { started: true, ready: true })],
    ended: false,
  })
  const times = Object.fromEntries((conditions ?? []).map((each) => [each.type, each.lastTransitionTime]))
  expect(times).toEqual({
    PodReadyToStartContainers: 'now',
    Initialized: 'early',
    Ready: 'now',
    ContainersReady: 'now',
    PodScheduled: 'early',
  })
})

test('Pod status: the restart delay doubles up to 5 min, reset after 10', () => {
  const backOff = new BackOff()
  const delays: number[] = []
  for (let atUs = 1e6, i = 0; i < 8; i++) {
    delays.push(backOff.delayMs(atUs) / 1000)
    const startedUs = atUs + backOff.delayMs(atUs) * 1000
    backOff.recordRestart(atUs, startedUs)
    atUs = startedUs + 1e6
  }
  expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300])
  expect(delays.map((seconds) => formatGoDuration(seconds * 1000)).slice(4)).toEqual(['1m20s', '2m40s', '5m0s', '5m0s'])
  const longAfterUs = 2e9
  expect(backOff.delayMs(longAfterUs)).toBe(0)
})

test.each([
  ['main', 'Always', true, true],
  ['main', 'OnFailure', false, true],
  ['main', 'Never', false, false],
  ['init', 'Always', false, true],
  ['init', 'Never', false, false],
  ['sidecar', 'Never', true, true],
] as const)('Pod status: %s, %s: restart after success %s, after failure %s', (role, policy, good, bad) => {
  expect([shouldRestart(role, policy, 0), shouldRestart(role, policy, 1)]).toEqual([good, bad])
})
