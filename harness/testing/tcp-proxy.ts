/** A TCP proxy that a test can cut and restore: while it is cut, existing connections are reset and new ones are refused. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export interface TcpProxy extends AsyncDisposable {
  port: number
  cut(): Promise<void>
  restore(): Promise<void>
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  const listenOn = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const cutConnections = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }
  await listenOn(0)
  const { port } = server.address() as AddressInfo
  return {
    port,
    cut: cutConnections,
    restore: () => listenOn(port),
    async [Symbol.asyncDispose]() {
      if (server.listening) await cutConnections()
    },
  }
}
