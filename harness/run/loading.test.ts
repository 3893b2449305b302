import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { DriverTransport } from '../load/client/driver-client.ts'
import { createHttpTransport } from '../load/client/http-transport.ts'
import { Driver } from '../load/driver/driver.ts'
import { createHttp1Transport } from '../load/http1/http1-connection.ts'
import { ControlServer } from '../load/service/control-server.ts'
import { createCredential } from '../load/service/credential.ts'
import type { LogRecord, RequestRecord } from '../model/record.ts'
import { startFaultServer } from '../proof/faults/fault-server.ts'
import type { FaultServerOptions } from '../proof/faults/fault-server.ts'
import { buildPlan } from '../testing/samples/rollout-log.ts'
import { startLoading } from './loading.ts'
import type { LoadingOptions } from './loading.ts'

const shares = { fresh: 0.5, reused: 0.5, 'reused-post': 0 }
const load = { ratePerSecond: 200, shares, workMs: 0, thinkMs: 0, timeoutMs: 2000, controlPerSecond: 20 }
const plan = buildPlan({ load })

/** A driver as in its pod, and the transport to its control port. */
async function startDriver(): Promise<DriverTransport> {
  const { headers, sha256 } = createCredential()
  const control = new ControlServer({
    tokenSha256: sha256,
    createEngine: (driverPlan) => new Driver(driverPlan, createHttp1Transport(driverPlan)),
    warmUp: Promise.resolve(),
    quietLimitMs: 0,
    abandonedMs: 60_000,
    onAbandoned: () => undefined,
  })
  control.server.listen(0, '127.0.0.1')
  await once(control.server, 'listening')
  const way = createHttpTransport((control.server.address() as AddressInfo).port, headers)
  onTestFinished(() => {
    way[Symbol.dispose]()
    control.close()
  })
  return way.transport
}

/** The target of the load; its probe is always answered. */
async function startTarget(pick: FaultServerOptions['pick'], workload = plan.runId) {
  const server = await startFaultServer({
    pick: (request) => (request.id === 'reach' ? 'ok' : pick(request)),
    workload,
  })
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { host: '127.0.0.1', port: server.port }
}

/** A load of this number of drivers, and the records that it has written. */
async function startLoad(
  transports: DriverTransport[],
  target: { host: string; port: number },
  more: Partial<LoadingOptions> = {},
) {
  const records: LogRecord[] = []
  const loading = await startLoading({
    transports,
    clock: startClock(),
    plan,
    entrance: { target, authority: null },
    control: null,
    write: (written) => void records.push(...written),
    ...more,
  })
  const list = <T extends LogRecord['type']>(type: T): Extract<LogRecord, { type: T }>[] =>
    records.filter((record): record is Extract<LogRecord, { type: T }> => record.type === type)
  const listRequests = (): RequestRecord[] => list('request').map(({ request }) => request)
  return { loading, list, listRequests }
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index)

test('records: every planned request of every driver is written once', async () => {
  const target = await startTarget(() => 'ok')
  const { loading, list, listRequests } = await startLoad([await startDriver(), await startDriver()], target)
  await sleep(400)
  await Promise.all([loading.stop(), loading.stop()])
  const ends = list('end').toSorted((a, b) => a.driver - b.driver)
  expect(ends.map(({ driver, lost }) => [driver, lost])).toEqual([
    [0, null],
    [1, null],
  ])
  const requests = listRequests()
  for (const { driver, planned } of ends) {
    expect(planned).toBeGreaterThan(20)
    const seqs = requests.filter((request) => request.driver === driver).map(({ seq }) => seq)
    // Two drivers take turns.
    expect(seqs.sort((a, b) => a - b)).toEqual(range(planned).map((n) => driver + 2 * n))
  }
  expect(new Set(list('clock').map(({ driver }) => driver))).toEqual(new Set([0, 1]))
  expect(new Set(list('driver').map(({ driver }) => driver))).toEqual(new Set([0, 1]))
})

test('records: what is written at a time is in the order of due times', async () => {
  const target = await startTarget(({ use }) => (use % 5 === 0 ? 'ok-in-pieces' : 'ok'))
  const rounds: RequestRecord[][] = []
  const write = (written: LogRecord[]): void =>
    void rounds.push(written.flatMap((record) => (record.type === 'request' ? [record.request] : [])))
  const { loading } = await startLoad([await startDriver(), await startDriver()], target, { write })
  await sleep(300)
  await loading.stop()
  expect(rounds.some((requests) => new Set(requests.map(({ driver }) => driver)).size === 2)).toBe(true)
  for (const requests of rounds) {
    const due = requests.map(({ dueUs }) => dueUs)
    expect(due).toEqual(due.toSorted((a, b) => a - b))
  }
})

test('losses: the latest of the workload is known while the load goes on', async () => {
  let broken = false
  const target = await startTarget(() => (broken ? 'status-500' : 'ok'))
  const { loading, listRequests } = await startLoad([await startDriver()], target)
  await sleep(200)
  expect(loading.lastLossUs).toBe(-Infinity)
  broken = true
  await sleep(200)
  broken = false
  await loading.stop()
  const lost = listRequests().filter(({ outcome }) => outcome !== 'ok')
  expect(lost.length).toBeGreaterThan(5)
  expect(loading.lastLossUs).toBe(Math.max(...lost.map(({ settledUs }) => settledUs)))
})

test('losses: one of the control lane is not the workload’s', async () => {
  const target = await startTarget(() => 'ok')
  const control = { target: await startTarget(() => 'status-500', 'control'), workload: 'control' }
  const { loading, listRequests } = await startLoad([await startDriver()], target, { control })
  await sleep(300)
  await loading.stop()
  const lost = listRequests().filter(({ outcome }) => outcome !== 'ok')
  expect(new Set(lost.map(({ lane, outcome }) => `${lane} ${outcome}`))).toEqual(new Set(['control http-5xx']))
  expect(loading.lastLossUs).toBe(-Infinity)
})

/** A transport that ends at some time, as for a driver whose pod was deleted. */
function cutLater(transport: DriverTransport): { transport: DriverTransport; cut: () => void } {
  let isCut = false
  return {
    transport(request) {
      if (isCut) return Promise.reject(new Fault('unknown', 'pod driver-1 was deleted'))
      return transport(request)
    },
    cut: () => (isCut = true),
  }
}

test('lost driver: it ends the load, and what it was to send is told', async () => {
  const target = await startTarget(() => 'ok')
  const way = cutLater(await startDriver())
  const { loading, list, listRequests } = await startLoad([way.transport], target)
  await sleep(300)
  way.cut()
  await once(loading.failed, 'abort')
  const why = 'the load driver was lost: pod driver-1 was deleted'
  expect(loading.failed.reason).toMatchObject({ kind: 'unknown', message: why })
  await loading.stop()
  const [end, ...others] = list('end')
  expect([end?.lost, others]).toEqual([why, []])
  expect(end?.planned).toBeGreaterThanOrEqual(listRequests().length)
  expect(end?.planned).toBeGreaterThan(40)
})

test('lost driver: of two it is named, and the other is read to its end', async () => {
  const target = await startTarget(() => 'ok')
  const way = cutLater(await startDriver())
  const { loading, list, listRequests } = await startLoad([await startDriver(), way.transport], target)
  await sleep(200)
  way.cut()
  await once(loading.failed, 'abort')
  await loading.stop()
  const ends = list('end').toSorted((a, b) => a.driver - b.driver)
  expect(ends.map(({ lost }) => lost)).toEqual([null, 'load driver 2 of 2 was lost: pod driver-1 was deleted'])
  expect(listRequests().filter(({ driver }) => driver === 0)).toHaveLength(ends[0]?.planned ?? -1)
})

test('log: where it cannot be written the load ends with that', async () => {
  const full = new Error('ENOSPC: no space left on device')
  const target = await startTarget(() => 'ok')
  const write = (records: LogRecord[]): void => {
    if (records.some(({ type }) => type === 'request')) throw full
  }
  const { loading } = await startLoad([await startDriver()], target, { write })
  if (!loading.failed.aborted) await once(loading.failed, 'abort')
  expect(loading.failed.reason).toBe(full)
  await expect(loading.stop()).rejects.toBe(full)
})

test('interruption: it ends the wait for a workload that does not answer', async () => {
  const target = { host: '127.0.0.1', port: 1 }
  const stop = new AbortController()
  const starting = startLoad([await startDriver()], target, { signal: stop.signal })
  setTimeout(() => stop.abort(new Error('interrupted')), 100)
  await expect(starting).rejects.toSatisfy(
    (error) => error === stop.signal.reason || (error as Error).cause === stop.signal.reason,
  )
})
