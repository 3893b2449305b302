/**
 * The least that a closed loop on Node's sockets costs: each answer's bytes are taken for a whole one, and the next request is
 * written. Nothing is read, timed or kept. What the driver costs more is what it does more.
 */
import { Socket } from 'node:net'
import { monotonicUs } from '../clock.ts'
import type { Duty } from './contestants.ts'

const { url, seconds, connections } = JSON.parse(process.argv[2] ?? '{}') as Duty
const { hostname, port } = new URL(url)
const request = `GET / HTTP/1.1\r\nhost: ${hostname}:${port}\r\nx-request-id: bench-0-1234567\r\n\r\n`
const buffer = Buffer.allocUnsafeSlow(65_536)
const endUs = monotonicUs() + seconds * 1e6
const said = { ok: 0, failed: 0 }
let open = connections

function client(): void {
  const onBytes = (): boolean => {
    said.ok++
    if (monotonicUs() < endUs) socket.write(request, 'latin1')
    else socket.destroy()
    return true
  }
  const socket = new Socket({ onread: { buffer, callback: onBytes } })
  socket.once('connect', () => socket.write(request, 'latin1'))
  socket.once('error', () => said.failed++)
  socket.once('close', () => --open === 0 && process.stdout.write(JSON.stringify(said)))
  socket.connect(Number(port), hostname)
}

for (let index = 0; index < connections; index++) client()
