import { expect, test } from 'vitest'
import { startFaultServer } from '../../proof/faults/fault-server.ts'
import { createDriverPlan } from '../client/driver-plan.ts'
import { parseDriverPlan } from '../service/control-protocol.ts'
import { probeTarget } from '../service/probe-target.ts'
import { startTrialLoad, createTrialPlan } from '../driver/trial-load.ts'

const shares = { fresh: 0.5, reused: 0.25, 'reused-post': 0.15, control: 0.1 }

test('control lane: goes to its own pod on new connections', async () => {
  await using workload = await startFaultServer({ pick: () => 'rst-before-response' })
  await using quiet = await startFaultServer({ pick: () => 'ok', workload: 'quiet', pod: 'control' })
  const control = { target: { host: '127.0.0.1', port: quiet.port }, workload: 'quiet' }
  const all = await startTrialLoad(createTrialPlan(workload.port, { control, shares, limitMs: 1000 })).records
  const [ours, theirs] = [true, false].map((is) => all.filter(({ lane }) => (lane === 'control') === is))
  expect(new Set(ours!.map(({ outcome, pod, use }) => `${outcome} ${pod} ${use}`))).toEqual(new Set(['ok control 1']))
  expect(new Set(theirs!.map(({ outcome }) => outcome))).toEqual(new Set(['reset-before-response']))
  expect(ours!.length / all.length).toBeCloseTo(0.1, 1)
  expect(quiet.log.length).toBe(ours!.length)
  expect(workload.log.length).toBe(theirs!.length)
})

test('a workload that answers in the place of the control pod is no control', async () => {
  await using workload = await startFaultServer({ pick: () => 'ok' })
  const control = { target: { host: '127.0.0.1', port: workload.port }, workload: 'quiet' }
  const plan = createTrialPlan(workload.port, { control, shares, limitMs: 300 })
  expect(await probeTarget(plan)).toBe('of the control pod: another workload answers, workload')
  const all = await startTrialLoad(plan).records
  expect(new Set(all.filter(({ lane }) => lane === 'control').map(({ outcome }) => outcome))).toEqual(
    new Set(['wrong-target']),
  )
})

const target = { host: '10.0.0.1', port: 80 }
const load = {
  ratePerSecond: 190,
  shares: { fresh: 0.5, reused: 0.3, 'reused-post': 0.2 },
  controlPerSecond: 10,
  workMs: 0,
  thinkMs: 0,
  timeoutMs: 1000,
}
const asked = { load, target, runToken: 'x', workload: 'x', seed: 1 }
const control = { target, workload: 'quiet' }

test('the lane control comes on top of the rate that was asked for', () => {
  const plan = createDriverPlan({ ...asked, control })
  expect(plan.ratePerSecond).toBe(200)
  expect(plan.ratePerSecond * plan.shares.fresh).toBeCloseTo(95)
  expect(plan.ratePerSecond * (plan.shares.control ?? 0)).toBeCloseTo(10)
})

test('without a control pod, and in a closed loop, there is no lane control', () => {
  const closedLoop = { engine: 'autocannon', connections: 8 } as const
  for (const plan of [
    createDriverPlan(asked),
    createDriverPlan({ ...asked, control, load: { ...load, closedLoop } }),
  ]) {
    expect(plan.ratePerSecond).toBe(190)
    expect(plan.shares).toEqual({ ...load.shares, control: 0 })
  }
})

test('a share for control without a place to send it is refused', () => {
  const plan = { ...createDriverPlan({ ...asked, control }), control: null }
  expect(() => parseDriverPlan(JSON.stringify(plan))).toThrow('there is no target for control')
})

test('ingress: its host is the name in TLS too, unless the plan has another one', () => {
  const tls = { unverified: true } as const
  const viaIngress = { ...asked, authority: 'shop.example:8443' }
  expect(createDriverPlan({ ...viaIngress, load: { ...load, tls } }).tls).toEqual({
    ...tls,
    serverName: 'shop.example',
  })
  const named = { ...tls, serverName: 'other.example' }
  expect(createDriverPlan({ ...viaIngress, load: { ...load, tls: named } }).tls).toEqual(named)
  expect(createDriverPlan({ ...asked, load: { ...load, tls } }).tls).toEqual(tls)
  expect(createDriverPlan(viaIngress).tls).toBeNull()
})
