import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { LoadTask } from './clients.ts'

test('undici client: reports all requests, whatever the order of answers', async () => {
  let asked = 0
  const server = createServer((_, response) => {
    setTimeout(() => response.end(), asked++ === 10 ? 1500 : 0)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const duty: LoadTask = { url, seconds: 0.5, connections: 8, ratePerSecond: 100, directory: '' }
  const client = [join(import.meta.dirname, 'undici-client.ts'), JSON.stringify(duty)]
  const { stdout } = await promisify(execFile)(process.execPath, client)
  expect(JSON.parse(stdout)).toEqual({ ok: asked, failed: 0 })
  server.closeAllConnections()
  server.close()
})
