/**
 * An HTTP server that fails deliberately and logs what it did: the truth that a load driver is compared with. It uses raw TCP, so that it
 * can do what no HTTP library would.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { monotonicUs } from '../../base/clock.ts'
import { cutAnswerBytes, faultKinds } from './fault-kinds.ts'
import type { FaultName } from './fault-kinds.ts'

/** A request that the server received completely, and how it was answered. */
export interface ServedRequest {
  id: string
  method: string
  /** Number of the connection, from 1, and of the request on it, from 1. */
  connection: number
  use: number
  remotePort: number
  /** Length of the request's body. */
  bodyBytes: number
  /** Whether the client requested the end of the connection. */
  close: boolean
  fault: FaultName
  /** After how many bytes the answer was cut, if `fault` cuts it. */
  cut: number
  /** CLOCK_MONOTONIC when the server took it up, in µs; without work to do it answers at once. */
  atUs: number
  /** False if it came after the server had ended the connection: no byte was sent for it. */
  answered: boolean
}
export type ReceivedRequest = Omit<ServedRequest, 'fault' | 'cut' | 'answered' | 'atUs'>

export interface FaultServerOptions {
  /** How to answer a request, and after how many bytes to cut the answer; by default at each place in turn. */
  pick: (request: ReceivedRequest) => FaultName | { fault: FaultName; cut: number }
  /** Called instead of writing to `log`. */
  onServed?: (served: ServedRequest) => void
  /** What to do with a new connection before anything is read from it. */
  onAccept?: (connection: number, remotePort: number) => 'serve' | 'fin' | 'rst'
  workload?: string
  pod?: string
  bodyBytes?: number
  /** Time before each answer. */
  workMs?: number
  port?: number
}

export interface FaultServer extends AsyncDisposable {
  readonly port: number
  /** Every request received, in order; law 2 is broken if an id occurs twice. */
  readonly log: readonly ServedRequest[]
  readonly connections: number
  /** Cuts idle connections and requests in progress with a FIN (`end`) or a RST (`reset`). */
  cutAll(how: 'end' | 'reset'): void
}

export async function startFaultServer(options: FaultServerOptions): Promise<FaultServer> {
  const log: ServedRequest[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  let cuts = 0
  const serving: ServeOptions = {
    onServed: (served) => log.push(served),
    nextCut: () => 1 + (cuts++ % (cutAnswerBytes - 1)),
    ...options,
  }
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = ++connections
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    const how = options.onAccept?.(connection, socket.remotePort ?? 0) ?? 'serve'
    if (how === 'serve') serveConnection(socket, connection, serving)
    else if (how === 'fin') socket.resume().end()
    else socket.resetAndDestroy()
  })
  server.listen(options.port ?? 0, '127.0.0.1', 4096)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    log,
    get connections() {
      return connections
    },
    cutAll(how) {
      for (const socket of sockets)
        if (how === 'end') socket.end()
        else socket.resetAndDestroy()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

interface ServeOptions extends FaultServerOptions {
  onServed: (served: ServedRequest) => void
  nextCut: () => number
}

function serveConnection(socket: Socket, connection: number, options: ServeOptions): void {
  let text = ''
  let use = 0
  let ended = false
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
    for (let request = readRequest(text); request !== null; request = readRequest(text)) {
      text = text.slice(request.length)
      const { id, method, bodyBytes, close, keep } = request
      const asked = { id, method, connection, use: ++use, remotePort: socket.remotePort ?? 0, bodyBytes, close }
      const picked = options.pick(asked)
      const { fault, cut } = typeof picked === 'string' ? { fault: picked, cut: options.nextCut() } : picked
      options.onServed({ ...asked, fault, cut, answered: !ended, atUs: monotonicUs() })
      if (!ended) answerRequest(socket, fault, { id, close, keep, cut, options })
      ended ||= close || !faultKinds[fault].keeps
    }
  })
}

function answerRequest(
  socket: Socket,
  fault: FaultName,
  request: { id: string; close: boolean; keep: boolean; cut: number; options: ServeOptions },
): void {
  const { workload = 'workload', pod = 'pod-0', bodyBytes = 256, workMs = 0 } = request.options
  const { id, close, keep, cut } = request
  const exchange = { socket, id, workload, pod, body: '.'.repeat(bodyBytes), close, keep, cut }
  if (workMs === 0) faultKinds[fault].act(exchange)
  else setTimeout(() => socket.destroyed || faultKinds[fault].act(exchange), workMs)
}

/** The request at the beginning of a text, or `null` while it is incomplete. */
function readRequest(
  text: string,
): { id: string; method: string; bodyBytes: number; close: boolean; keep: boolean; length: number } | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = text.slice(0, end)
  const bodyBytes = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  const length = end + 4 + bodyBytes
  if (text.length < length) return null
  const keep = /\r\nconnection: keep-alive/i.test(head)
  return {
    id: /\r\nx-request-id: ([^\r]*)/i.exec(head)?.[1] ?? '',
    method: head.slice(0, head.indexOf(' ')),
    bodyBytes,
    close: /\r\nconnection: close/i.test(head) || (!keep && /^[^\r]* HTTP\/1\.0/.test(head)),
    keep: keep && /^[^\r]* HTTP\/1\.0/.test(head),
    length,
  }
}
