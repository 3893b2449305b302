import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { RequestRecord } from '../../model/record.ts'
import { startFaultServer } from '../../proof/faults/fault-server.ts'
import { monotonicUs } from '../../base/clock.ts'
import { createHttp1Transport } from '../http1/http1-connection.ts'
import { Connection } from './connection.ts'
import type { ConnectionOwner } from './connection.ts'
import { startTrialLoad, readRecords, createTrialPlan } from './trial-load.ts'

const countOutcome = (records: RequestRecord[], outcome: string): number =>
  records.filter((record) => record.outcome === outcome).length
const createRange = (length: number): number[] => Array.from({ length }, (_, seq) => seq)
const listSeqs = (records: RequestRecord[]): number[] => records.map(({ seq }) => seq).sort((a, b) => a - b)

test('driver: latency counts from the due instant, times follow in order', async () => {
  await using server = await startFaultServer({ pick: () => 'ok', workMs: 20 })
  const { driver, records } = startTrialLoad(
    createTrialPlan(server.port, { shares: { fresh: 0.5, reused: 0.5, 'reused-post': 0 } }),
  )
  for (const { dueUs, sentUs, connectedUs, firstByteUs, settledUs, use, idleUs, ...record } of await records) {
    expect(record).toMatchObject({ outcome: 'ok', status: 200, pod: 'pod-0', detail: null })
    expect(record.previousPod).toBe(use > 1 ? 'pod-0' : null)
    expect(dueUs).toBeGreaterThanOrEqual(driver.startUs)
    const times = [dueUs, sentUs!, connectedUs!, firstByteUs!, settledUs]
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(firstByteUs! - connectedUs!).toBeGreaterThan(18_000)
    if (use > 1) expect([connectedUs, idleUs >= 0]).toEqual([sentUs, true])
  }
})

test('pool: a kept connection rests for the think time, then has its turn', async () => {
  await using server = await startFaultServer({ pick: () => 'ok' })
  const plan = createTrialPlan(server.port, {
    shares: { fresh: 0, reused: 1, 'reused-post': 0 },
    thinkMs: 100,
    limitMs: 1000,
  })
  const all = await startTrialLoad(plan).records
  for (const { use, idleUs } of all) if (use > 1) expect(idleUs).toBeGreaterThanOrEqual(100_000)
  const uses = new Map<number, number>()
  for (const { connection, use } of all) uses.set(connection!, Math.max(use, uses.get(connection!) ?? 0))
  // 200/s with 100 ms of rest need about 20 connections; each was used repeatedly, none was forgotten.
  expect(uses.size).toBeGreaterThanOrEqual(20)
  expect(Math.max(...uses.values()) - Math.min(...uses.values())).toBeLessThanOrEqual(uses.size > 30 ? 9 : 4)
})

test('driver: stopping lets requests in flight finish and plans no more', async () => {
  await using server = await startFaultServer({ pick: () => 'ok', workMs: 200 })
  const { driver, records } = startTrialLoad(createTrialPlan(server.port, { limitMs: 60_000, timeoutMs: 2000 }))
  await sleep(300)
  const stopUs = monotonicUs()
  expect(driver.accounting.inFlight).toBeGreaterThan(20)
  driver.stop()
  const all = await records
  expect(listSeqs(all)).toEqual(createRange(driver.accounting.planned))
  expect(Math.max(...all.map(({ dueUs }) => dueUs))).toBeLessThanOrEqual(stopUs + 1000)
  expect(countOutcome(all, 'ok') + countOutcome(all, 'stopped')).toBe(all.length)
  expect(server.log.length).toBe(countOutcome(all, 'ok'))
  expect(driver.accounting.planned).toBeGreaterThanOrEqual(50)
})

test('driver: what is due but not sent at the stop is recorded as stopped', async () => {
  await using server = await startFaultServer({ pick: () => 'ok' })
  const { driver, records } = startTrialLoad(createTrialPlan(server.port))
  await sleep(100)
  const until = performance.now() + 100
  while (performance.now() < until);
  const taken = driver.accounting.planned
  driver.stop()
  const all = await records
  expect(listSeqs(all)).toEqual(createRange(driver.accounting.planned))
  const stopped = all.filter(({ outcome }) => outcome === 'stopped')
  expect(stopped.length).toBe(driver.accounting.planned - taken)
  expect(stopped.length).toBeGreaterThanOrEqual(15)
  for (const { sentUs, connection } of stopped) expect([sentUs, connection]).toEqual([null, null])
  expect(server.log.length).toBe(taken)
})

test('connection: no second request in flight, each settled once', async () => {
  await using server = await startFaultServer({ pick: () => 'ok', workMs: 20 })
  const plan = createTrialPlan(server.port)
  const settled: number[] = []
  await new Promise<void>((resolve) => {
    const owner: ConnectionOwner = {
      transport: createHttp1Transport(plan),
      limits: { connectTimeoutUs: 1e6, timeoutUs: 1e6, bodyTimeoutUs: 1e6, maxIdleUs: 1e6 },
      onSettled(connection) {
        settled.push(connection.request.seq)
        connection.destroy()
      },
      onIdleEnd: () => {},
      onClose: () => resolve(),
    }
    const connection = new Connection(owner, 'reused', 1)
    connection.send(0, 0, monotonicUs())
    expect(() => connection.send(1, 0, monotonicUs())).toThrow('Cannot send request 1: connection 1 is connecting')
    expect(() => connection.destroy()).toThrow('request 0 is in flight')
  })
  expect(settled).toEqual([0])
  expect(server.log.map(({ id }) => id)).toEqual(['trial-0-0'])
})

test('driver: more connections than allowed is overload, and not sent', async () => {
  await using server = await startFaultServer({ pick: () => 'ok', workMs: 100 })
  const { driver, records } = startTrialLoad(createTrialPlan(server.port, { maxConnections: 3 }))
  const all = await records
  expect(listSeqs(all)).toEqual(createRange(driver.accounting.planned))
  expect(countOutcome(all, 'ok')).toBe(server.log.length)
  expect(countOutcome(all, 'overload')).toBe(all.length - server.log.length)
  expect(countOutcome(all, 'overload')).toBeGreaterThan(50)
  for (const { outcome, sentUs, connection } of all)
    if (outcome === 'overload') expect([sentUs, connection]).toEqual([null, null])
})

test('driver: held up, sends nothing later than the limit allows', async () => {
  await using server = await startFaultServer({ pick: () => 'ok' })
  const { driver, records } = startTrialLoad(createTrialPlan(server.port, { maxLagMs: 60 }))
  await sleep(100)
  const until = performance.now() + 200
  while (performance.now() < until);
  const all = await records
  expect(listSeqs(all)).toEqual(createRange(driver.accounting.planned))
  // 200 ms at 200/s, less those that are still in time.
  expect(countOutcome(all, 'overload')).toBeGreaterThanOrEqual(25)
  expect(countOutcome(all, 'overload')).toBeLessThanOrEqual(60)
  for (const { sentUs, dueUs } of all) if (sentUs !== null) expect(sentUs - dueUs).toBeLessThanOrEqual(60_000)
})

test('driver: a full buffer holds the load back and is recorded later', async () => {
  await using server = await startFaultServer({ pick: () => 'ok' })
  const { driver, records } = startTrialLoad(createTrialPlan(server.port, { maxLagMs: 50 }), 20)
  const earlier: RequestRecord[] = []
  const reader = setInterval(() => {
    if (driver.accounting.records.settled - driver.accounting.records.acknowledged < 20) return
    earlier.push(...readRecords(driver))
    driver.accounting.records.acknowledge(driver.accounting.records.settled)
  }, 150)
  try {
    const all = earlier.concat(await records)
    expect(listSeqs(all)).toEqual(createRange(driver.accounting.planned))
    expect(countOutcome(all, 'overload')).toBeGreaterThan(10)
    expect(countOutcome(all, 'ok')).toBe(server.log.length)
  } finally {
    clearInterval(reader)
  }
})

test('driver: a frozen server costs each due request the rest of the freeze', async () => {
  const code = `require('net').createServer(s=>s.on('error',()=>{}).on('data',d=>{const id=/x-request-id: (\\S+)/.exec(d)[1]
    s.end('HTTP/1.1 200 OK\\r\\nconnection: close\\r\\ncontent-length: 0\\r\\nx-nodrop-workload: workload\\r\\nx-request-id: '+id+'\\r\\n\\r\\n')
  })).listen({port:0,host:'127.0.0.1',backlog:2000},function(){console.log(this.address().port)})`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const plan = createTrialPlan(Number(line.toString()), { limitMs: 2000, timeoutMs: 5000, connectTimeoutMs: 5000 })
    const { driver, records } = startTrialLoad(plan)
    await sleep(500)
    child.kill('SIGSTOP')
    while (!/\) T /.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8'))) await sleep(1)
    const frozenUs = monotonicUs()
    await sleep(1000)
    const thawedUs = monotonicUs()
    child.kill('SIGCONT')
    const all = await records
    expect(countOutcome(all, 'ok')).toBe(driver.accounting.planned)
    // No request due in the freeze was answered before its end, however late its answer was read.
    const frozen = all.filter(({ dueUs }) => dueUs > frozenUs && dueUs < thawedUs)
    expect(frozen.length).toBeGreaterThanOrEqual(Math.floor((thawedUs - frozenUs) / 5_000) - 1)
    for (const { settledUs, dueUs } of frozen) expect(settledUs - dueUs).toBeGreaterThanOrEqual(thawedUs - dueUs)
  } finally {
    child.kill('SIGKILL')
  }
})

const head = 'HTTP/1.1 200 OK\\r\\nconnection: close\\r\\nx-nodrop-workload: workload\\r\\nx-request-id: '
test.for<[string, string, string]>([
  ['a whole answer', `s.end('${head}'+id+'\\r\\ncontent-length: 0\\r\\n\\r\\n')`, 'ok'],
  ['half a head and a FIN', `s.end('${head}')`, 'truncated'],
  ['half a head and a RST', `s.write('${head}',()=>s.resetAndDestroy())`, 'reset-in-body'],
  // Only the end of the connection could end it, and a RST is not a proper end.
  [
    'a body without a length and a RST',
    `s.write('${head}'+id+'\\r\\n\\r\\nx',()=>s.resetAndDestroy())`,
    'reset-in-body',
  ],
  ['a body without a length and a FIN', `s.end('${head}'+id+'\\r\\n\\r\\nx')`, 'ok'],
])('%s in time is told as such, however late the driver comes to read it', async ([, answer, outcome]) => {
  // The answer comes after 800 of 1,200 ms, while two other sockets block the loop, the second for 1,500 ms.
  const code = `require('net').createServer(s=>s.on('error',()=>{}).once('data',d=>{
    const id=/x-request-id: (\\S+)/.exec(d)?.[1]; if(!id) return others.push(s)
    setTimeout(()=>others[0].write('a'),300); setTimeout(()=>others[1].write('b'),310); setTimeout(()=>{${answer}},800)
  })).listen(0,'127.0.0.1',function(){console.log(this.address().port)}); const others=[]`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const sockets: Socket[] = []
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const port = Number(line.toString())
    for (const blockMs of [30, 1500]) {
      const socket = connect(port, '127.0.0.1')
      sockets.push(socket)
      await once(socket, 'connect')
      socket.write('hold')
      socket.on('data', () => {
        for (const until = performance.now() + blockMs; performance.now() < until;);
      })
      await sleep(50)
    }
    const plan = createTrialPlan(port, { ratePerSecond: 10, limitMs: 100, timeoutMs: 1200, connectTimeoutMs: 1200 })
    const all = await startTrialLoad(plan).records
    expect(all.map((record) => record.outcome)).toEqual([outcome])
    // It was read long after its time limit.
    expect(all[0]!.settledUs - all[0]!.connectedUs!).toBeGreaterThan(1_300_000)
  } finally {
    for (const socket of sockets) socket.destroy()
    child.kill('SIGKILL')
  }
})
