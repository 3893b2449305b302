import { expect, test } from 'vitest'
import { startFaultServer } from '../../proof/faults/fault-server.ts'
import type { RequestRecord } from '../../model/record.ts'
import { ClosedLoop } from './arrivals.ts'
import { startTrialLoad, createTrialPlan } from './trial-load.ts'

const reused = { shares: { fresh: 0, reused: 0.7, 'reused-post': 0.3 } }

test('closed loop: a request in flight for each client, and balances', async () => {
  let answered = 0
  await using server = await startFaultServer({
    pick: () => {
      if (++answered === 100) driver.stop()
      return 'ok'
    },
    workMs: 10,
  })
  const { driver, records } = startTrialLoad(
    createTrialPlan(server.port, { ...reused, clients: 8, maxIdle: 8, limitMs: 20_000 }),
  )
  const all = await records
  const countInFlight = (us: number): number =>
    all.filter(({ sentUs, settledUs }) => sentUs !== null && sentUs <= us && us < settledUs).length
  expect(Math.max(...all.map(({ dueUs }) => countInFlight(dueUs)))).toBe(8)
  expect(all.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(
    Array.from({ length: driver.accounting.planned }, (_, n) => n),
  )
  expect(all.every(({ outcome, sentUs, dueUs }) => outcome === 'ok' && sentUs === dueUs)).toBe(true)
  // Each client sends one request after the other, and the answer takes 10 ms.
  expect(all.length).toBeGreaterThanOrEqual(100)
  expect(all.length).toBeLessThanOrEqual(8 * (1 + computeSpanMs(all) / 10))
  expect(server.connections).toBeLessThanOrEqual(16)
})

test('closed loop: a refused client tries ten times a second at most', async () => {
  const server = await startFaultServer({ pick: () => 'ok' })
  await server[Symbol.asyncDispose]()
  const { driver, records } = startTrialLoad(createTrialPlan(server.port, { ...reused, clients: 5, limitMs: 20_000 }))
  await expect
    .poll(() => driver.accounting.records.settled, { interval: 5, timeout: 20_000 })
    .toBeGreaterThanOrEqual(15)
  driver.stop()
  const all = await records
  expect(new Set(all.map(({ outcome }) => outcome))).toEqual(new Set(['refused']))
  expect(all.length).toBeLessThanOrEqual(5 * (1 + computeSpanMs(all) / 100))
})

/** From the first of them being due to the last. */
function computeSpanMs(all: readonly RequestRecord[]): number {
  const dues = all.map(({ dueUs }) => dueUs)
  return (Math.max(...dues) - Math.min(...dues)) / 1000
}

test('stopping a closed loop lets what is in flight finish', async () => {
  await using server = await startFaultServer({ pick: () => 'ok', workMs: 50 })
  const { driver, records } = startTrialLoad(createTrialPlan(server.port, { ...reused, clients: 4, limitMs: 60_000 }))
  await new Promise((resolve) => setTimeout(resolve, 120))
  driver.stop()
  const all = await records
  expect(all.every(({ outcome }) => outcome === 'ok')).toBe(true)
  expect(all.length).toBe(server.log.length)
})

test('a client that got no connection rests, the others go on', () => {
  const pace = new ClosedLoop(2)
  pace.start(1000)
  expect(pace.take(0, 1000)).toBe(1000)
  expect(pace.take(1, 1000)).toBe(1000)
  expect(pace.nextDueUs).toBe(Number.POSITIVE_INFINITY)
  pace.onSettled(2000, true)
  expect(pace.nextDueUs).toBe(102_000)
  pace.onSettled(3000, false)
  expect(pace.nextDueUs).toBe(3000)
  pace.take(2, 3000)
  expect(pace.nextDueUs).toBe(102_000)
})
