/** A driver against a server whose every answer is mutated: each request must end once, in time, and none wrongly as `ok`. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { toRecords } from '../../load/driver/request-row.ts'
import { Driver } from '../../load/driver/driver.ts'
import { createHttp1Transport } from '../../load/http1/http1-connection.ts'
import { createDriverPlan } from '../../load/client/driver-plan.ts'
import { hashToFraction } from '../../base/random.ts'
import { parseRequestNumber } from './fault-mix.ts'
import { createMutant, splitPieces } from './mutants.ts'
import { isWholeResponse } from '../verify/reference-parser.ts'

export interface SocketFuzz {
  planned: number
  ok: number
  inventedOk: number
  /** Planned requests without exactly one record. */
  accountingError: number
  /** Ids that the server got more than once. */
  duplicates: number
  /** Requests that had not ended long after their time limits. */
  hung: number
  examples: string[]
}

/** A closed loop takes as long as it needs, on any machine. */
const clients = 64
/** Short, because an answer that is cut or claims to be longer makes the client wait. */
const timeoutMs = 400
/** If no request ends for this time, far beyond every time limit, requests hang. */
const patienceMs = 20_000
const token = 'fuzz'

export async function fuzzSockets(options: { count: number; seed: number; signal?: AbortSignal }): Promise<SocketFuzz> {
  const { count, seed, signal } = options
  const seen = new Uint8Array(count)
  const server = createServer({ noDelay: true }, (socket) => serveMutants(socket, seed, seen))
  server.listen(0, '127.0.0.1', 4096)
  await once(server, 'listening')
  const shares = { fresh: 0.3, reused: 0.4, 'reused-post': 0.3 }
  const plan = createDriverPlan({
    load: { ratePerSecond: 1, shares, workMs: 0, thinkMs: 0, timeoutMs },
    target: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    runToken: token,
    workload: token,
    seed,
  })
  // Nothing becomes due without room for its record: the load is over when the ledger is full.
  const driver = new Driver({ ...plan, clients, maxIdle: clients }, createHttp1Transport(plan), count)
  driver.start()
  for (
    let [settled, sinceMs] = [0, performance.now()];
    !driver.accounting.isClosed && performance.now() - sinceMs < patienceMs;
  ) {
    await sleep(5, undefined, { ...(signal && { signal }) })
    if (driver.accounting.records.settled > settled)
      [settled, sinceMs] = [driver.accounting.records.settled, performance.now()]
    if (settled === count) driver.stop()
  }
  const result = compareRecords(driver, seed, seen)
  server.close()
  return result
}

const createExpected = (number: number): { requestId: string; workload: string } => ({
  requestId: `${token}-0-${number}`,
  workload: token,
})

/** Half of the answers end with a FIN, the others make the client give up; in pieces, one turn of the loop apart. */
function serveMutants(socket: Socket, seed: number, seen: Uint8Array): void {
  let text = ''
  socket.setEncoding('latin1')
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: string) => {
    text += chunk
    // A body of 64 bytes may follow; only the head contains the id.
    const id = /\r\nx-request-id: (\S+)\r\n\r\n/.exec(text)?.[1]
    if (id === undefined) return
    text = ''
    const number = parseRequestNumber(id)
    if (number < seen.length) seen[number]!++
    const pieces = splitPieces(createMutant(seed, number, createExpected(number)))
    const ends = hashToFraction(seed, number, 4) < 0.5
    const sendNext = (): void => {
      if (socket.destroyed) return
      const piece = pieces.shift()
      if (piece !== undefined) socket.write(piece, 'latin1')
      if (pieces.length > 0) setImmediate(sendNext)
      else if (ends) socket.end()
    }
    sendNext()
  })
}

function compareRecords(driver: Driver, seed: number, seen: Uint8Array): SocketFuzz {
  const records = new Uint8Array(seen.length)
  const result: SocketFuzz = {
    planned: driver.accounting.planned,
    ok: 0,
    inventedOk: 0,
    accountingError: Math.abs(seen.length - driver.accounting.planned),
    duplicates: seen.filter((times) => times > 1).length,
    hung: driver.accounting.inFlight,
    examples: [],
  }
  for (const { seq: number, outcome } of toRecords(
    driver.accounting.records.slice(0, driver.accounting.records.settled),
    0,
    0,
  )) {
    records[number]!++
    if (outcome !== 'ok') continue
    result.ok++
    const expected = createExpected(number)
    if (isWholeResponse(createMutant(seed, number, expected).text, expected)) continue
    result.inventedOk++
    result.examples.push(`mutant ${number} of seed ${seed} is broken and passed as ok over a socket`)
  }
  result.accountingError += records.filter((times) => times !== 1).length
  return result
}
