/** A scripted API server on a real TLS socket: lists are answered, watches and logs are passed to the test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'

export interface WatchCall {
  /** Without the query. */
  path: string
  query: URLSearchParams
  /** Answers only with a status. */
  refuse(status: number): void
  /** Sends one watch event. */
  send(type: string, object: unknown): void
  /** Sends raw bytes. */
  write(chunk: Buffer | string): void
  end(): void
  /** Breaks the connection. */
  cut(): void
}

export interface ScriptedApi extends AsyncDisposable {
  kubeconfig: string
  /** The answer to the next lists. */
  list: { resourceVersion: string; items: unknown[] }
  lists: number
  /** The number of open connections, and of those made so far. */
  connections: { open: number; made: number }
  /** Leaves the next lists without an answer. */
  silent: boolean
  /** Called with the path of every list. */
  onList: (path: string) => void
  /** Breaks every connection. */
  cut(): void
  /** Resolves with the next request for a watch or a log that arrives. */
  nextWatch(): Promise<WatchCall>
}

export async function startScriptedApi(): Promise<ScriptedApi> {
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-kube-server-'))
  const pems = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const calls: WatchCall[] = []
  const waiting: ((call: WatchCall) => void)[] = []
  const connections = { open: 0, made: 0 }
  const list = { resourceVersion: '1', items: [] as unknown[] }
  const onList: ScriptedApi['onList'] = () => undefined
  const kube = { list, lists: 0, connections, silent: false, onList, cut: () => server.closeAllConnections() }
  const server = createServer({ key: pems.private, cert: pems.cert }, (request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'https://x')
    if (query.get('watch') !== 'true' && !pathname.endsWith('/log')) {
      kube.lists++
      kube.onList(pathname)
      if (kube.silent) return
      const { resourceVersion, items } = kube.list
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ metadata: { resourceVersion }, items }))
      return
    }
    const call = createWatchCall(pathname, query, response)
    const next = waiting.shift()
    if (next) next(call)
    else calls.push(call)
  })
  server.on('secureConnection', (socket) => {
    connections.made++
    connections.open++
    socket.once('close', () => connections.open--)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const kubeconfig = join(directory, 'kubeconfig')
  writeFileSync(kubeconfig, buildKubeconfig((server.address() as AddressInfo).port, pems.cert))
  return Object.assign(kube, {
    kubeconfig,
    nextWatch: () => {
      const call = calls.shift()
      return call ? Promise.resolve(call) : new Promise<WatchCall>((resolve) => waiting.push(resolve))
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(directory, { recursive: true })
    },
  })
}

function createWatchCall(path: string, query: URLSearchParams, response: ServerResponse): WatchCall {
  if (query.has('watch')) response.flushHeaders()
  return {
    path,
    query,
    refuse: (status) => void response.writeHead(status).end(),
    send: (type, object) => void response.write(`${JSON.stringify({ type, object })}\n`),
    write: (chunk) => void response.write(chunk),
    end: () => void response.end(),
    cut: () => void response.socket?.destroy(),
  }
}

function buildKubeconfig(port: number, cert: string): string {
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': Buffer.from(cert).toString('base64'),
  }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  })
}
