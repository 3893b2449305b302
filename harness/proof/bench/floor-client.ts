/**
 * The least that a load costs on Node's sockets: each answer's bytes are taken for a whole one, nothing is read and nothing kept
 * but when a request was sent. A closed loop writes the next request upon each answer; an open one sleeps as the driver does
 * and sends what is due. What the driver costs more is what it does more, and what is late here is late by the machine.
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
      // All are waiting for their answers: it goes late, as its lag tells.
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
