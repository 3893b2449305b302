import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Container } from '../store/objects.ts'
import { resolveHttpTarget, sendHttpGet } from './http-get.ts'

const container: Container = { name: 'app', ports: [{ name: 'web', containerPort: 8080 }] }
const forever = new AbortController().signal

/** A server on the loopback interface; returns its port. */
async function startServer(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test.each([
  [{ port: 80 }, 'http://10.0.0.7/'],
  [{ port: 'web', path: '/ready?x=1' }, 'http://10.0.0.7:8080/ready?x=1'],
  [{ port: 'web', path: 'ready' }, 'http://10.0.0.7:8080/ready'],
  [{ port: 8443, scheme: 'HTTPS', host: 'other.example' }, 'https://other.example:8443/'],
  [{ port: '9090' }, 'http://10.0.0.7:9090/'],
])('HTTP get: %j leads to %s', (action, url) => {
  expect(resolveHttpTarget(action, container, '10.0.0.7', 'test').url.href).toBe(url)
})

test('HTTP get: a port that no container port is called is an error', () => {
  const resolve = (): unknown => resolveHttpTarget({ port: 'admin' }, container, '10.0.0.7', 'test')
  expect(resolve).toThrow('couldn\'t find port: "admin" in container app')
})

test('HTTP get: headers of the pod replace the default ones, and an empty one removes them', async () => {
  const seen: Record<string, string | undefined>[] = []
  const port = await startServer(({ headers }, response) => {
    seen.push({
      agent: headers['user-agent'],
      accept: headers.accept,
      host: headers.host,
      own: headers['x-own']?.toString(),
    })
    response.end()
  })
  const httpHeaders = [
    { name: 'user-agent', value: 'own' },
    { name: 'Accept', value: '' },
    { name: 'Host', value: 'shop.example' },
    { name: 'X-Own', value: '1' },
  ]
  await sendHttpGet(resolveHttpTarget({ port }, container, '127.0.0.1', 'kube-probe/1.34'), forever)
  await sendHttpGet(resolveHttpTarget({ port, httpHeaders }, container, '127.0.0.1', 'kube-probe/1.34'), forever)
  expect(seen).toEqual([
    { agent: 'kube-probe/1.34', accept: '*/*', host: `127.0.0.1:${port}`, own: undefined },
    { agent: 'own', accept: undefined, host: 'shop.example', own: '1' },
  ])
})

test('HTTP get: every request is a new connection', async () => {
  const ports = new Set<number | undefined>()
  const port = await startServer(({ socket }, response) => response.end(String(ports.add(socket.remotePort).size)))
  const target = resolveHttpTarget({ port }, container, '127.0.0.1', 'test')
  for (const count of ['1', '2', '3'])
    expect(await sendHttpGet(target, forever)).toMatchObject({ status: 200, body: count })
})

test('HTTP get: of a long answer no more than 10 KiB is read', async () => {
  let isCut = false
  const port = await startServer((_, response) => {
    response.on('close', () => (isCut = !response.writableFinished))
    const write = (): void => void (response.destroyed || response.write('x'.repeat(4096), () => setImmediate(write)))
    write()
  })
  const { body } = await sendHttpGet(resolveHttpTarget({ port }, container, '127.0.0.1', 'test'), forever)
  expect(body).toHaveLength(10 * 1024)
  await expect.poll(() => isCut).toBe(true)
})

test.each([
  [{ port: 1, path: '/x' }, 'Get "http://127.9.9.9:1/x": dial tcp 127.9.9.9:1: connect: connection refused'],
  [{ port: 443, scheme: 'HTTPS' }, 'Get "https://127.9.9.9:443/": dial tcp 127.9.9.9:443: connect: connection refused'],
])('HTTP get: a refused connection to %j is reported as Go does', async (action, message) => {
  await expect(sendHttpGet(resolveHttpTarget(action, container, '127.9.9.9', 'test'), forever)).rejects.toThrow(message)
})
