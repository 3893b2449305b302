import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startClock } from '../../base/clock.ts'
import type { Clock } from '../../base/clock.ts'
import type { RequestRecord } from '../../model/record.ts'
import { startFaultServer } from '../../proof/faults/fault-server.ts'
import { decodeBatch, encodeBatch } from '../service/batch.ts'
import { rowColumns } from '../driver/request-row.ts'
import { createHttp1Transport } from '../http1/http1-connection.ts'
import type { Batch } from '../service/batch.ts'
import { DriverClient } from './driver-client.ts'
import type { DriverTransport } from './driver-client.ts'
import { ControlServer } from '../service/control-server.ts'
import { createCredential } from '../service/credential.ts'
import { Driver } from '../driver/driver.ts'
import { createHttpTransport } from './http-transport.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import { buildSchedule } from '../../model/load/schedule.ts'
import { createTrialPlan } from '../driver/trial-load.ts'

interface ControlledDriver extends AsyncDisposable {
  port: number
  transport: DriverTransport
  abandoned: boolean
}

async function startControl(
  abandonedMs = 60_000,
  engine = (plan: DriverPlan) => new Driver(plan, createHttp1Transport(plan)),
): Promise<ControlledDriver> {
  const { headers, sha256 } = createCredential()
  const control = new ControlServer({
    tokenSha256: sha256,
    createEngine: engine,
    warmUp: Promise.resolve(),
    quietLimitMs: 0,
    abandonedMs,
    onAbandoned: () => (started.abandoned = true),
  })
  control.server.listen(0, '127.0.0.1')
  await once(control.server, 'listening')
  const { port } = control.server.address() as AddressInfo
  const way = createHttpTransport(port, headers)
  const started: ControlledDriver = {
    port,
    abandoned: false,
    transport: way.transport,
    async [Symbol.asyncDispose]() {
      way[Symbol.dispose]()
      control.close()
    },
  }
  return started
}

async function readAll(client: DriverClient): Promise<{ records: RequestRecord[]; planned: number }> {
  const records: RequestRecord[] = []
  let planned = -1
  for await (const batch of client.records()) {
    records.push(...batch.records)
    if (batch.done) ({ planned } = batch)
  }
  return { records, planned }
}

const createRange = (length: number): number[] => Array.from({ length }, (_, seq) => seq)
const listSeqs = (records: RequestRecord[]): number[] => records.map(({ seq }) => seq).sort((a, b) => a - b)

test('control server: another plan only when the load is over', async () => {
  await using control = await startControl()
  await using server = await startFaultServer({ pick: () => 'ok' })
  const loads: number[] = []
  for (const seed of [1, 2, 3]) {
    const client = new DriverClient(control.transport, startClock())
    await client.prepareAndStart(createTrialPlan(server.port, { seed, limitMs: 200 }))
    const other = JSON.stringify(createTrialPlan(server.port, { seed: 9 }))
    expect(await control.transport({ method: 'POST', path: '/plan', body: other })).toMatchObject({ status: 409 })
    const { records, planned } = await readAll(client)
    expect(listSeqs(records)).toEqual(createRange(planned))
    loads.push(records.length)
  }
  const served = server.log.filter(({ id }) => id !== 'reach')
  expect(loads.reduce((sum, count) => sum + count, 0)).toBe(served.length)
})

test('driver client: a load starts, stops, and every record arrives', async () => {
  await using control = await startControl()
  await using server = await startFaultServer({ pick: () => 'ok' })
  const clock = startClock()
  const client = new DriverClient(control.transport, clock)
  const { errorUs } = await client.alignClock()
  expect(errorUs).toBeLessThan(50_000)
  const { startUs } = await client.prepareAndStart(createTrialPlan(server.port, { limitMs: 60_000 }))
  expect(startUs).toBeGreaterThan(0)
  setTimeout(() => void client.stop(), 400)
  const { records, planned } = await readAll(client)
  expect(listSeqs(records)).toEqual(createRange(planned))
  expect(planned).toBeGreaterThanOrEqual(50)
  const now = clock.now()
  for (const { dueUs, settledUs } of records) {
    expect(dueUs).toBeGreaterThanOrEqual(startUs)
    expect(settledUs).toBeLessThanOrEqual(now + errorUs)
  }
})

test('driver client: broken transport loses and repeats no record', async () => {
  await using control = await startControl()
  await using server = await startFaultServer({ pick: ({ use }) => (use % 7 === 0 ? 'fin-before-response' : 'ok') })
  let calls = 0
  const brokenTransport: DriverTransport = async (request) => {
    calls++
    if (calls % 3 === 0) throw new Error('connect ECONNREFUSED: never arrived')
    if (calls % 5 === 0) return { status: 503, body: Buffer.from('the API server restarts') }
    if (calls > 20 && calls % 11 === 0)
      return { status: 403, body: Buffer.from('pods "driver" is forbidden: no role is known yet') }
    if (calls % 4 === 0) {
      // Cut off on the way: the driver answers a client that has gone.
      return control.transport({ ...request, signal: AbortSignal.timeout(5) })
    }
    const answer = await control.transport(request)
    if (calls % 2 === 0) throw new Error('read ECONNRESET: the answer was lost')
    return answer
  }
  const client = new DriverClient(brokenTransport, startClock(), { batch: 7, waitMs: 30 })
  await client.alignClock(3)
  const shares = { fresh: 0.2, reused: 0.4, 'reused-post': 0.4 }
  await client.prepareAndStart(createTrialPlan(server.port, { ratePerSecond: 300, limitMs: 1000, shares }))
  const { records, planned } = await readAll(client)
  expect(listSeqs(records)).toEqual(createRange(planned))
  expect(planned).toBeGreaterThanOrEqual(299)
  expect(calls).toBeGreaterThan(60)
})

test('driver client: a batch is kept until the next one is asked for', async () => {
  await using control = await startControl()
  await using server = await startFaultServer({ pick: () => 'ok' })
  const client = new DriverClient(control.transport, startClock(), { batch: 10 })
  await client.prepareAndStart(createTrialPlan(server.port, { limitMs: 300 }))
  const reader = client.records()
  const first = await reader.next()
  const again = await control.transport({ method: 'GET', path: '/records?after=0&max=10' })
  expect(again.status).toBe(200)
  expect(first.value).toMatchObject({ done: false })
  await reader.next()
  const tooLate = await control.transport({ method: 'GET', path: '/records?after=0&max=10' })
  expect(tooLate.status).toBe(410)
})

test('clock offset: found within the error that it states', async () => {
  const run: Clock = { originUs: 0, now: () => Math.round(performance.now() * 1000) }
  const trueOffsetUs = 123_456_789
  let delayMs = 30
  const slowTransport: DriverTransport = async () => {
    await new Promise((resolve) => setTimeout(resolve, (delayMs -= 5)))
    return { status: 200, body: Buffer.from(JSON.stringify({ us: run.now() + trueOffsetUs })) }
  }
  const { offsetUs, errorUs } = await new DriverClient(slowTransport, run).alignClock(6)
  expect(Math.abs(offsetUs - trueOffsetUs)).toBeLessThanOrEqual(errorUs)
  expect(errorUs).toBeLessThan(8000)
})

test('driver client: times of a wrong, fast clock are within the error stated', async () => {
  await using control = await startControl()
  await using server = await startFaultServer({ pick: () => 'ok' })
  const clock = startClock()
  const skewClock = (us: number): number => Math.round(us * (1 + 900e-6)) + 86_400_000_000
  const times = new Set(['dueUs', 'sentUs', 'connectedUs', 'firstByteUs', 'settledUs'])
  const skewBatch = ({ rows, ...rest }: Batch): Batch => {
    const skewField = (us: number, at: number): number =>
      times.has(rowColumns[at % rowColumns.length]!) && us >= 0 ? skewClock(us) : us
    return { ...rest, rows: rows.map(skewField) }
  }
  let originUs = 0
  const wrongTransport: DriverTransport = async (request) => {
    const answer = await control.transport(request)
    if (request.path.startsWith('/records'))
      return { status: answer.status, body: encodeBatch(skewBatch(decodeBatch(answer.body))) }
    const body = JSON.parse(answer.body.toString()) as Partial<Record<'us' | 'startUs', number>>
    originUs = body.startUs ?? originUs
    for (const name of ['us', 'startUs'] as const) {
      if (body[name] !== undefined) body[name] = skewClock(body[name])
    }
    return { status: answer.status, body: Buffer.from(JSON.stringify(body)) }
  }
  const client = new DriverClient(wrongTransport, clock, { alignEveryMs: 150 })
  let aligned = { ...(await client.alignClock()), atUs: clock.now() }
  const plan = createTrialPlan(server.port, { limitMs: 1500 })
  await client.prepareAndStart(plan)
  let alignments = 0
  for await (const batch of client.records()) {
    if (batch.aligned !== null) {
      aligned = { ...batch.aligned, atUs: clock.now() }
      alignments++
    }
    // 900 ppm, from the last comparison on; a batch is at most a few 100 ms behind it.
    const boundUs = aligned.errorUs + 900e-6 * (clock.now() - aligned.atUs + 500_000)
    for (const { seq, dueUs } of batch.records) {
      const trueUs = originUs - clock.originUs + buildSchedule(plan).dueUs(seq)
      expect(Math.abs(dueUs - trueUs)).toBeLessThanOrEqual(boundUs)
    }
  }
  expect(alignments).toBeGreaterThanOrEqual(4)
})

test('driver client: several drivers cover every place of the plan', async () => {
  await using server = await startFaultServer({ pick: () => 'ok' })
  await using stack = new AsyncDisposableStack()
  const clock = startClock()
  const drivers = 3
  const clients = await Promise.all(
    Array.from({ length: drivers }, async (_, driver) => {
      const control = stack.use(await startControl())
      const client = new DriverClient(control.transport, clock)
      await client.alignClock()
      await client.prepare(createTrialPlan(server.port, { driver, drivers, ratePerSecond: 400, limitMs: 60_000 }))
      return client
    }),
  )
  // Far enough ahead for a busy machine to get the message in time, as with the stop below.
  const originUs = clock.now() + 1_000_000
  const starts = await Promise.all(clients.map((client) => client.start(originUs)))
  for (const { startUs } of starts) expect(startUs).toBe(originUs)
  const reading = clients.map((client) => readAll(client))
  // Sent at different times, with one instant for all.
  const stops = clients.map(async (client, driver) => {
    await new Promise((resolve) => setTimeout(resolve, 350 + driver * 40))
    await client.stop(2_000_000)
  })
  await Promise.all(stops)
  const read = await Promise.all(reading)
  const records = read.flatMap((one) => one.records)
  expect(read.map(({ planned }) => planned)).toEqual(
    [0, 1, 2].map((driver) =>
      buildSchedule(createTrialPlan(0, { driver, drivers, ratePerSecond: 400 })).dueBy(2_000_000),
    ),
  )
  expect(listSeqs(records)).toEqual(createRange(records.length))
  expect(records.length).toBeGreaterThanOrEqual(799)
  for (const { driver, seq } of records) expect(seq % drivers).toBe(driver)
  const ids = server.log.map(({ id }) => id).filter((id) => id !== 'reach')
  expect(ids.sort()).toEqual(records.map(({ driver, seq }) => `trial-${driver}-${seq}`).sort())
})

test('driver client: a silent driver is given up with one message', async () => {
  const deadTransport: DriverTransport = () => Promise.reject(new Error('socket hang up'))
  const client = new DriverClient(deadTransport, startClock(), { patienceMs: 100 })
  await expect(client.alignClock()).rejects.toThrow('Cannot GET /clock of the load driver: socket hang up')
})

test('driver plan: a value that cannot be kept is refused by its name', async () => {
  await using control = await startControl()
  const plan = createTrialPlan(80)
  for (const [changed, problem] of [
    [{ ratePerSecond: 0 }, /Cannot use ratePerSecond: it must be a number from .*, current value is 0/],
    [{ path: '/ HTTP/1.1\r\nHost: evil' }, /Cannot use path/],
    [{ target: { host: '::1', port: 0 } }, /Cannot use target.port/],
    [{ shares: { fresh: 0.5, reused: 0.4, 'reused-post': 0 } }, /must sum to 1, current sum is 0.9/],
    [{ driver: undefined }, /Cannot use driver/],
  ] as const) {
    const { status, body } = await control.transport({
      method: 'POST',
      path: '/plan',
      body: JSON.stringify({ ...plan, ...changed }),
    })
    expect(status).toBe(400)
    expect((JSON.parse(body.toString()) as { error: string }).error).toMatch(problem)
  }
  expect((await control.transport({ method: 'POST', path: '/plan', body: '{' })).status).toBe(400)
  expect((await control.transport({ method: 'POST', path: '/start' })).status).toBe(409)
  expect((await control.transport({ method: 'GET', path: '/nothing' })).status).toBe(404)
})

test('control server: a load whose records are not read ends by itself', async () => {
  await using control = await startControl(200)
  await using server = await startFaultServer({ pick: () => 'ok' })
  const client = new DriverClient(control.transport, startClock())
  await client.prepareAndStart(createTrialPlan(server.port, { limitMs: 60_000 }))
  await expect.poll(() => control.abandoned, { timeout: 3000 }).toBe(true)
  const sent = server.log.length
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(server.log.length).toBe(sent)
})

test('control server: nothing is done without the token of the run', async () => {
  const plans: string[] = []
  await using control = await startControl(60_000, (plan) => {
    plans.push(plan.runToken)
    return new Driver(plan, createHttp1Transport(plan))
  })
  await using server = await startFaultServer({ pick: () => 'ok' })
  const client = new DriverClient(control.transport, startClock())
  await client.prepareAndStart(createTrialPlan(server.port, { limitMs: 400 }))
  const calls = [
    ['POST', '/plan', JSON.stringify(createTrialPlan(server.port, { runToken: 'strange' }))],
    ['POST', '/start'],
    ['POST', '/stop'],
    ['GET', '/reach'],
    ['GET', '/records?after=40'],
    ['GET', '/clock'],
    ['GET', '/unknown'],
  ]
  const tokens = [{}, { 'x-nodrop-token': '' }, { 'x-nodrop-token': 'guessed' }, { authorization: 'Bearer guessed' }]
  for (const headers of tokens) {
    for (const [method = '', path = '', body] of calls) {
      const answer = await fetch(`http://127.0.0.1:${control.port}${path}`, {
        method,
        headers,
        ...(body !== undefined && { body }),
      })
      expect([path, answer.status, answer.headers.get('connection')]).toEqual([path, 401, 'close'])
      expect(await answer.text()).toBe(
        '{"error":"Unauthorized: the token of the run that made this driver is missing"}',
      )
    }
  }
  const { records, planned } = await readAll(client)
  expect(planned).toBe(80)
  expect(listSeqs(records)).toEqual(createRange(80))
  expect(plans).toEqual(['trial'])
  expect(server.log.filter(({ id }) => id.startsWith('strange'))).toEqual([])
})

test('control server: refused before any of the body is read', async () => {
  await using control = await startControl()
  const socket = connect(control.port, '127.0.0.1')
  socket.write('POST /plan HTTP/1.1\r\nhost: driver\r\ncontent-length: 1000000\r\n\r\n{')
  const [first] = (await once(socket, 'data')) as [Buffer]
  expect(first.toString()).toMatch(/^HTTP\/1\.1 401 /)
  await once(socket, 'close')
})
