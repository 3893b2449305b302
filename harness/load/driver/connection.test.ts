/** The driver over a protocol without sockets, which shows what any protocol but HTTP/1.1 must implement. */
import { expect, test } from 'vitest'
import { monotonicUs } from '../../base/clock.ts'
import type { RequestRecord } from '../../model/record.ts'
import { Connection } from './connection.ts'
import type { ConnectionOwner } from './connection.ts'
import { Driver } from './driver.ts'
import { createTrialPlan, readRecords } from './trial-load.ts'
import type { Transport, TransportConnection, TransportHandler } from './transport.ts'

/** A connection whose events the test decides. */
class ScriptedConnection implements TransportConnection {
  phase: TransportConnection['phase'] = 'connecting'
  localPort = 50_000
  lastReadUs = -1
  keepUntilUs: number = Number.POSITIVE_INFINITY
  bytes = 0
  firstByteUs = -1
  status = -1
  pod: string | null = null
  readonly sent: number[] = []
  readonly handler: TransportHandler

  constructor(handler: TransportHandler) {
    this.handler = handler
  }

  send(seq: number): void {
    this.phase = 'headers'
    this.sent.push(seq)
  }

  destroy(): void {
    this.phase = 'closed'
  }

  connect(): void {
    this.phase = 'idle'
    this.handler.onConnect(monotonicUs())
  }

  answer(isKept = true): void {
    this.bytes = 80
    this.firstByteUs = monotonicUs()
    this.status = 200
    this.pod = 'web-a'
    this.phase = isKept ? 'idle' : 'closed'
    this.handler.onComplete(monotonicUs(), 'ok', null)
  }
}

function openConnection(): {
  connection: Connection
  transport: ScriptedConnection
  settled: string[]
  ended: number[]
} {
  const settled: string[] = []
  const ended: number[] = []
  let transport: ScriptedConnection | null = null
  const owner: ConnectionOwner = {
    transport: { open: (_, handler) => (transport = new ScriptedConnection(handler)) },
    limits: { connectTimeoutUs: 1000, timeoutUs: 2000, bodyTimeoutUs: 3000, maxIdleUs: 4000 },
    onSettled: ({ request: { seq, outcome } }) => settled.push(`${seq} ${outcome}`),
    onIdleEnd: ({ request }) => ended.push(request.seq),
    onClose: () => {},
  }
  const connection = new Connection(owner, 'reused', 1)
  return { connection, transport: transport!, settled, ended }
}

test('connection: the first request waits, a later one is written at once', () => {
  const { connection, transport, settled } = openConnection()
  connection.send(4, 100, 110)
  expect([transport.sent, connection.request.connectedUs, connection.deadlineUs]).toEqual([[], -1, 1110])
  transport.connect()
  transport.answer()
  expect([transport.sent, settled, connection.isIdle]).toEqual([[4], ['4 ok'], true])
  const idleSinceUs = connection.idleSinceUs
  connection.send(5, idleSinceUs + 40, idleSinceUs + 50)
  expect(transport.sent).toEqual([4, 5])
  const { connectedUs, idleUs, use, pod, previousPod } = connection.request
  expect({ connectedUs, idleUs, use, pod, previousPod }).toEqual({
    connectedUs: idleSinceUs + 50,
    idleUs: 50,
    use: 2,
    pod: null,
    previousPod: 'web-a',
  })
})

test.each([
  ['connecting', 'connect-timeout'],
  ['handshake', 'connect-timeout'],
  ['headers', 'timeout-headers'],
  ['body', 'timeout-body'],
] as const)('connection: what lasts too long while %s is a %s', (phase, outcome) => {
  const { connection, transport, settled } = openConnection()
  connection.send(4, 100, 110)
  transport.phase = phase
  transport.status = 200
  connection.expire(9000)
  expect([settled, transport.phase, connection.inFlight]).toEqual([[`4 ${outcome}`], 'closed', false])
  expect([connection.request.settledUs, connection.request.status]).toEqual([9000, 200])
})

test('connection: a request that is reported twice is a fault of the driver', () => {
  const { connection, transport, settled } = openConnection()
  connection.send(4, 100, 110)
  transport.connect()
  transport.answer(false)
  expect(() => transport.handler.onError(1, 'truncated', null)).toThrow('it has been settled before')
  expect(settled).toEqual(['4 ok'])
})

test('connection: without a port or memory of the driver nothing was sent', () => {
  const { connection, transport, settled } = openConnection()
  connection.send(4, 100, 110)
  transport.phase = 'closed'
  transport.handler.onError(120, 'overload', 'EADDRNOTAVAIL')
  expect([settled, connection.request.sentUs]).toEqual([['4 overload'], -1])
})

test('connection: one that ends while idle is given up without a loss', () => {
  const { connection, transport, settled, ended } = openConnection()
  connection.send(4, 100, 110)
  transport.connect()
  transport.answer()
  transport.phase = 'closed'
  transport.handler.onIdleEnd()
  expect([ended, settled, connection.isIdle]).toEqual([[4], ['4 ok'], false])
  expect(() => connection.send(5, 200, 210)).toThrow('connection 1 is closed')
})

test('driver: another protocol below it is accounted for in the same way', async () => {
  const opened: ScriptedConnection[] = []
  const transport: Transport = {
    open(_, handler) {
      const connection = new ScriptedConnection(handler)
      opened.push(connection)
      setImmediate(() => {
        connection.connect()
        connection.answer(false)
        handler.onClose()
      })
      return connection
    },
  }
  const driver = new Driver(createTrialPlan(1, { limitMs: 100, maxLagMs: 60_000 }), transport, 1000)
  const records = await new Promise<RequestRecord[]>((resolve) => {
    driver.onDone = () => resolve(readRecords(driver))
    driver.start()
  })
  expect(records.length).toBe(20)
  expect(new Set(records.map(({ outcome, pod, localPort }) => `${outcome} ${pod} ${localPort}`))).toEqual(
    new Set(['ok web-a 50000']),
  )
  expect(opened.flatMap(({ sent }) => sent)).toEqual(records.map(({ seq }) => seq))
})
