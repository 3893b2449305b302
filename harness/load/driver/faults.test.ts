import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createRandom } from '../../base/random.ts'
import type { Lane } from '../../model/plan.ts'
import type { RequestRecord } from '../../model/record.ts'
import { faultKinds, faultNames } from '../../proof/faults/fault-kinds.ts'
import { startFaultServer } from '../../proof/faults/fault-server.ts'
import type { ServedRequest } from '../../proof/faults/fault-server.ts'
import type { Shares } from '../../model/load/schedule.ts'
import { startTrialLoad, createTrialPlan } from './trial-load.ts'

const shareOnly = (lane: Lane): Shares => ({ fresh: 0, reused: 0, 'reused-post': 0, [lane]: 1 })
const formatId = ({ driver, seq }: RequestRecord): string => `trial-${driver}-${seq}`

/** Laws 1 and 2, checked against the server's own log: one record for every instant, nothing sent twice, nothing lost on the way. */
function expectBalance(records: RequestRecord[], planned: number, log: readonly ServedRequest[]): void {
  expect(records.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: planned }, (_, seq) => seq))
  const ids = log.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const known = new Set(records.filter(({ sentUs }) => sentUs !== null).map(formatId))
  expect(ids.filter((id) => !known.has(id))).toEqual([])
}

const cases = [
  { lane: 'fresh', use: 1 },
  { lane: 'reused', use: 1 },
  { lane: 'reused', use: 2 },
  { lane: 'reused-post', use: 1 },
  { lane: 'reused-post', use: 2 },
] as const

test.for(faultNames.map((fault) => ({ fault })))('$fault is told for what it is', async ({ fault }) => {
  const draw = createRandom(7)
  const faultyUse = new Map<number, number>()
  // Every connection meets the fault in its first or second request, and is closed normally if it outlives it.
  await using server = await startFaultServer({
    pick({ connection, use }) {
      const faulty = faultyUse.get(connection) ?? (draw() < 0.4 ? 1 : 2)
      faultyUse.set(connection, faulty)
      return use === faulty ? fault : use < faulty ? 'ok' : 'ok-announced-close'
    },
  })
  const shares = { fresh: 0.2, reused: 0.4, 'reused-post': 0.4 }
  const timeoutMs = fault.startsWith('stall') ? 1000 : 5000
  const plan = createTrialPlan(server.port, { shares, ratePerSecond: 300, limitMs: 20_000, timeoutMs })
  const { driver, records } = startTrialLoad(plan)
  // A busy machine sends late and all at once, on new connections: it takes longer.
  const isLikely = (): boolean =>
    [`GET 1 true`, `GET 1 false`, `GET 2 false`, `POST 1 false`, `POST 2 false`].every(
      (kind) => server.log.filter((s) => s.fault === fault && `${s.method} ${s.use} ${s.close}` === kind).length >= 4,
    )
  while (!driver.accounting.isClosed && !isLikely()) await sleep(10)
  driver.stop()
  const all = await records
  expectBalance(all, driver.accounting.planned, server.log)
  const met = new Set(server.log.filter((served) => served.fault === fault).map(({ id }) => id))
  for (const { lane, use } of cases) {
    const those = all.filter((record) => record.lane === lane && record.use === use && met.has(formatId(record)))
    expect(those.length, `${lane} requests, use ${use}, that met it`).toBeGreaterThanOrEqual(3)
    expect(new Set(those.map((record) => record.outcome))).toEqual(new Set([faultKinds[fault].outcome]))
  }
})

test('a FIN or RST on an idle connection removes it, and no request is lost', async () => {
  await using server = await startFaultServer({ pick: ({ use }) => (use % 2 === 0 ? 'ok-then-rst' : 'ok') })
  // Think time longer than the server waits before its RST.
  const { records } = startTrialLoad(createTrialPlan(server.port, { shares: shareOnly('reused'), thinkMs: 60 }))
  const all = await records
  expect(all.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
  expect(Math.max(...all.map(({ use }) => use))).toBe(2)
})

test('a connection that is cut right after its accept loses its request', async () => {
  for (const [how, outcome] of [
    ['fin', 'closed-before-response'],
    ['rst', 'reset-before-response'],
  ] as const) {
    await using server = await startFaultServer({ pick: () => 'ok', onAccept: (n) => (n % 2 === 0 ? how : 'serve') })
    const { records } = startTrialLoad(createTrialPlan(server.port, { limitMs: 200 }))
    const lost = (await records).filter((record) => record.outcome !== 'ok')
    expect(lost.length).toBeGreaterThan(10)
    // The request may already be on its way when the FIN comes, and then the kernel answers it with a RST.
    expect(new Set(lost.map((record) => record.outcome).concat(outcome)).size).toBeLessThanOrEqual(
      how === 'fin' ? 2 : 1,
    )
  }
})

test('a port without a listener refuses', async () => {
  const server = await startFaultServer({ pick: () => 'ok' })
  await server[Symbol.asyncDispose]()
  const all = await startTrialLoad(createTrialPlan(server.port, { limitMs: 100 })).records
  expect(all.length).toBeGreaterThan(10)
  expect(new Set(all.map(({ outcome, detail }) => `${outcome} ${detail}`))).toEqual(new Set(['refused ECONNREFUSED']))
  for (const { connectedUs, sentUs, localPort } of all)
    expect([connectedUs, sentUs !== null, localPort !== null]).toEqual([null, true, true])
})

test('driver: no route is unreachable, a name without address is dns', async () => {
  for (const [host, outcome] of [
    ['255.255.255.255', 'unreachable'],
    ['no-such-host.invalid', 'dns'],
  ] as const) {
    const all = await startTrialLoad(
      createTrialPlan(1, { target: { host, port: 1 }, limitMs: 30, connectTimeoutMs: 8000 }),
    ).records
    expect(new Set(all.map((record) => record.outcome))).toEqual(new Set([outcome]))
  }
})

test('a listener whose queue is full makes the connect time out', async () => {
  const code =
    "require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},function(){console.log(this.address().port)})"
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const sockets: Socket[] = []
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const port = Number(line.toString())
    child.kill('SIGSTOP')
    for (let count = 0; count < 4; count++) sockets.push(connect(port, '127.0.0.1').on('error', () => {}))
    await new Promise((resolve) => setTimeout(resolve, 100))
    const all = await startTrialLoad(createTrialPlan(port, { limitMs: 50, connectTimeoutMs: 150 })).records
    expect(all.length).toBeGreaterThan(5)
    expect(new Set(all.map(({ outcome }) => outcome))).toEqual(new Set(['connect-timeout']))
    for (const { settledUs, sentUs } of all) expect(settledUs - (sentUs ?? 0)).toBeGreaterThanOrEqual(150_000)
  } finally {
    for (const socket of sockets) socket.destroy()
    child.kill('SIGKILL')
  }
})

test('driver: random faults over all lanes agree with the server', async () => {
  const draw = createRandom(20_261_124)
  await using server = await startFaultServer({
    pick: () => (draw() < 0.5 ? 'ok' : faultNames[Math.floor(draw() * faultNames.length)]!),
  })
  const shares = { fresh: 0.4, reused: 0.4, 'reused-post': 0.2 }
  const plan = createTrialPlan(server.port, { shares, ratePerSecond: 600, limitMs: 2000, thinkMs: 5 })
  const { driver, records } = startTrialLoad(plan)
  const all = await records
  expectBalance(all, driver.accounting.planned, server.log)
  const truth = new Map(server.log.map((served) => [served.id, served]))
  const wrong = all.filter((record) => {
    const served = truth.get(formatId(record))
    // The server had ended the connection, without notice, before it read this.
    if (!served?.answered) return record.use === 1 || !/^(closed|reset)-before-response$/.test(record.outcome)
    return (
      record.outcome !== faultKinds[served.fault].outcome ||
      record.use !== served.use ||
      record.localPort !== served.remotePort
    )
  })
  expect(wrong).toEqual([])
  expect(new Set(server.log.map(({ fault }) => fault)).size).toBe(faultNames.length)
})
