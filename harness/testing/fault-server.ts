/**
 * An HTTP server that fails on purpose and keeps a log of what it did: the truth for tests of the load driver. Raw TCP, so that
 * it can do what no HTTP library would.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { faultKinds } from './fault-kinds.ts'
import type { FaultName } from './fault-kinds.ts'

/** A request that the server received in full, and how it was answered. */
export interface Served {
  id: string
  method: string
  /** Numbers of the connection, from 1, and of the request on it, from 1. */
  connection: number
  use: number
  remotePort: number
  /** Length of the request's body. */
  bodyBytes: number
  fault: FaultName
}

export interface FaultServerOptions {
  /** How to answer a request. */
  pick: (request: Omit<Served, 'fault'>) => FaultName
  /** What to do with a new connection before anything is read from it. */
  onAccept?: (connection: number) => 'serve' | 'fin' | 'rst'
  workload?: string
  pod?: string
  bodyBytes?: number
  /** Time before each answer. */
  workMs?: number
  port?: number
}

export interface FaultServer extends AsyncDisposable {
  readonly port: number
  /** Every request received, in order; law 2 is broken where an id comes twice. */
  readonly log: readonly Served[]
  readonly connections: number
  /** Idle connections and requests being answered are cut with a FIN (`end`) or a RST (`reset`). */
  cutAll(how: 'end' | 'reset'): void
}

export async function startFaultServer(options: FaultServerOptions): Promise<FaultServer> {
  const log: Served[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = ++connections
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    const how = options.onAccept?.(connection) ?? 'serve'
    if (how === 'serve') serve(socket, connection, { ...options, log })
    else if (how === 'fin') socket.end()
    else socket.resetAndDestroy()
  })
  server.listen(options.port ?? 0, '127.0.0.1', 1024)
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

interface Serving extends FaultServerOptions {
  log: Served[]
}

function serve(socket: Socket, connection: number, options: Serving): void {
  let text = ''
  let use = 0
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
    for (let request = readRequest(text); request !== null; request = readRequest(text)) {
      text = text.slice(request.length)
      const { id, method, bodyBytes, close } = request
      const seen = { id, method, connection, use: ++use, remotePort: socket.remotePort ?? 0, bodyBytes }
      const fault = options.pick(seen)
      options.log.push({ ...seen, fault })
      answer(socket, fault, { id, close, options })
    }
  })
}

function answer(socket: Socket, fault: FaultName, request: { id: string; close: boolean; options: Serving }): void {
  const { workload = 'workload', pod = 'pod-0', bodyBytes = 256, workMs = 0 } = request.options
  const exchange = { socket, id: request.id, workload, pod, body: '.'.repeat(bodyBytes), close: request.close }
  if (workMs === 0) faultKinds[fault].act(exchange)
  else setTimeout(() => socket.destroyed || faultKinds[fault].act(exchange), workMs)
}

/** The request at the beginning of a text, or `null` while it is not complete. */
function readRequest(
  text: string,
): { id: string; method: string; bodyBytes: number; close: boolean; length: number } | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = text.slice(0, end)
  const bodyBytes = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  const length = end + 4 + bodyBytes
  if (text.length < length) return null
  return {
    id: /\r\nx-request-id: ([^\r]*)/i.exec(head)?.[1] ?? '',
    method: head.slice(0, head.indexOf(' ')),
    bodyBytes,
    close: /\r\nconnection: close/i.test(head),
    length,
  }
}
