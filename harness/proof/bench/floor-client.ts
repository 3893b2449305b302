/**
 * The minimum cost of a load on Node's sockets: each piece of data counts as a complete answer, and nothing is parsed or stored except when
 * a request was sent. A closed loop writes the next request upon each answer; an open one sleeps like the driver and sends what is due. The
 * driver's additional cost is its additional work, and lateness here is the machine's.
 */
import { Socket } from 'node:net'
import { computeQuantiles } from '../../judge/figures/quantiles.ts'
import { monotonicUs } from '../../base/clock.ts'
import { Pacer } from '../../load/driver/pacer.ts'
import type { LoadTask, ClientReport } from './clients.ts'

const { url, seconds, connections, ratePerSecond } = JSON.parse(process.argv[2] ?? '{}') as LoadTask
const { hostname, port } = new URL(url)
const request = `GET / HTTP/1.1\r\nhost: ${hostname}:${port}\r\nx-request-id: bench-0-1234567\r\n\r\n`
const buffer = Buffer.allocUnsafeSlow(65_536)
/** A socket that fails ends the process: then there is no floor. */
const said: ClientReport = { ok: 0, failed: 0 }
let onAnswer: (socket: Socket) => void
let open = connections

function openSocket(): Socket {
  const callback = (): boolean => {
    said.ok++
    onAnswer(socket)
    return true
  }
  const socket = new Socket({ onread: { buffer, callback } })
  socket.once('close', () => --open === 0 && process.stdout.write(JSON.stringify(said)))
  return socket.connect(Number(port), hostname)
}

const sockets = Array.from({ length: connections }, openSocket)

function runClosedLoop(): void {
  const endUs = monotonicUs() + seconds * 1e6
  onAnswer = (socket) => {
    if (monotonicUs() < endUs) socket.write(request, 'latin1')
    else socket.destroy()
  }
  for (const socket of sockets) socket.once('connect', () => onAnswer(socket))
}

function runOpenLoop(rate: number): void {
  const intervalUs = 1e6 / rate
  const lags = new Float64Array(rate * seconds)
  const free: Socket[] = []
  let sent = 0
  let startUs = Number.POSITIVE_INFINITY
  const tick = (): number => {
    for (let dueUs: number; (dueUs = startUs + sent * intervalUs) <= monotonicUs() && sent < lags.length;) {
      const socket = free.pop()
      // All connections wait for answers: the request is sent late, which shows in its lag.
      if (socket === undefined) return monotonicUs() + intervalUs
      lags[sent++] = monotonicUs() - dueUs
      socket.write(request, 'latin1')
    }
    return sent < lags.length ? startUs + sent * intervalUs : Number.POSITIVE_INFINITY
  }
  const pacer = new Pacer({ tick, isBusy: () => free.length < connections, intervalUs })
  onAnswer = (socket) => {
    free.push(socket)
    if (sent < lags.length || free.length < connections) return
    said.lag = computeQuantiles(lags)
    for (const each of sockets) each.destroy()
  }
  for (const socket of sockets) {
    socket.once('connect', () => {
      if (free.push(socket) < connections) return
      startUs = monotonicUs()
      pacer.wake()
    })
  }
}

if (ratePerSecond === null) runClosedLoop()
else runOpenLoop(ratePerSecond)
