import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'

/** Debian's, as in the images. */
const python = '/usr/bin/python3'
const program = join(import.meta.dirname, '../../../apps/endings/server.py')

interface Server extends AsyncDisposable {
  child: ChildProcess
  log: string[]
  /** Resolves when this number of lines of the log contain the event. */
  said(event: string, times: number): Promise<void>
  /** Resolves with the answer, its `Connection`, or the error's code. */
  ask(path: string, agent?: Agent): Promise<string>
}

async function startServer(env: Record<string, string>): Promise<Server> {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  free.close()
  const child = spawn(python, [program], { env: { ...env, PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] })
  const log: string[] = []
  const lines = createInterface({ input: child.stdout }).on('line', (line) => log.push(line))
  await once(lines, 'line')
  return {
    child,
    log,
    async said(event, times) {
      while (log.filter((line) => line.includes(`"event": "${event}"`)).length < times) await once(lines, 'line')
    },
    ask: (path, agent = new Agent()) => sendRequest({ port, path, agent }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

function sendRequest(where: { port: number; path: string; agent: Agent }): Promise<string> {
  return new Promise((resolve) => {
    const headers = { 'x-request-id': 'run-0-7' }
    const request = get({ host: '127.0.0.1', ...where, headers, timeout: 1500 }, (response) => {
      response.resume().once('end', () => resolve(`${response.statusCode} ${response.headers.connection ?? ''}`.trim()))
    })
    request.once('timeout', () => request.destroy(Object.assign(new Error('No answer'), { code: 'none' })))
    request.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}

/** Signals the server while a request is in flight and a connection idle, and returns their fates and that of a new one. */
async function stopServer(server: Server, effect: string): Promise<Record<'underWay' | 'idle' | 'fresh', string>> {
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  await server.ask('/?ms=0', kept)
  const underWay = server.ask('/?ms=500', new Agent({ keepAlive: true }))
  await server.said('request', 2)
  const exit = once(server.child, 'exit')
  server.child.kill('SIGTERM')
  await (effect === 'exit' ? exit : server.said(effect, 1))
  const [idle, fresh] = await Promise.all([server.ask('/?ms=0', kept), server.ask('/?ms=0')])
  kept.destroy()
  return { underWay: await underWay, idle, fresh }
}

/** The server's decision, or its answer to a client that sends `Connection: close`, as for `fresh`. */
const says = '200 close'

/** It may have been reused before the news of its end arrived. */
const cut = expect.stringMatching(/^ECONN(RESET|REFUSED)$/) as string

describe.skipIf(!existsSync(python))('a server that is told to stop', () => {
  test.each([
    ['exit', 'exit', {}, { underWay: 'ECONNRESET', idle: 'ECONNREFUSED', fresh: 'ECONNREFUSED' }],
    ['serve', 'signal', { STOP_MS: '4000' }, { underWay: '200', idle: '200', fresh: says }],
    ['close-and-drain', 'listener-closed', {}, { underWay: says, idle: cut, fresh: 'ECONNREFUSED' }],
    ['close-keep-idle', 'listener-closed', {}, { underWay: '200', idle: '200', fresh: 'ECONNREFUSED' }],
    ['close-politely', 'listener-closed', {}, { underWay: says, idle: says, fresh: 'ECONNREFUSED' }],
    ['drain', 'signal', { STOP_MS: '4000' }, { underWay: says, idle: says, fresh: says }],
    ['hang', 'signal', {}, { underWay: 'none', idle: 'none', fresh: 'none' }],
    ['reset', 'exit', {}, { underWay: 'ECONNRESET', idle: 'ECONNREFUSED', fresh: 'ECONNREFUSED' }],
    ['leave-backlog', 'signal', { STOP_MS: '4000' }, { underWay: '200', idle: '200', fresh: 'none' }],
    ['unavailable', 'signal', { STOP_MS: '4000' }, { underWay: says, idle: '503 close', fresh: '503 close' }],
  ])('%s, seen by its %s', async (name, effect, env, expected) => {
    await using server = await startServer({ ON_STOP: name, ...env })
    expect(await stopServer(server, effect)).toEqual(expected)
  })

  test('log: it has the connections and the ids of the requests', async () => {
    await using server = await startServer({ ON_STOP: 'exit' })
    expect(await server.ask('/')).toBe(says)
    const [accept, request] = server.log.slice(1).map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(accept).toMatchObject({ event: 'accept', peer: request?.['peer'] as string })
    expect(request).toMatchObject({ event: 'request', id: 'run-0-7' })
  })
})
