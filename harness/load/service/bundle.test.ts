import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startClock } from '../../base/clock.ts'
import { startFaultServer } from '../../proof/faults/fault-server.ts'
import { bundleDriver } from './bundle.ts'
import { DriverClient } from '../client/driver-client.ts'
import { createCredential } from './credential.ts'
import { createHttpTransport } from '../client/http-transport.ts'
import { createTrialPlan } from '../driver/trial-load.ts'

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

async function waitForConnection(host: string, port: number): Promise<void> {
  const socket = connect(port, host)
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}

test('bundle: one small file that runs by itself and ends on SIGTERM', async () => {
  const code = await bundleDriver()
  // Far less than the limit of a ConfigMap: schemas of records, or other code that the driver does not need, would show.
  expect(code.length).toBeLessThan(1 << 17)
  expect(code).not.toMatch(/from\s*"(?!node:)/)
  const folder = mkdtempSync(join(tmpdir(), 'driver-'))
  const file = join(folder, 'driver.mjs')
  writeFileSync(file, code)
  const control = await findFreePort()
  const { headers, sha256 } = createCredential()
  const settings = { NODROP_DRIVER_PORT: String(control), NODROP_DRIVER_TOKEN_SHA256: sha256 }
  const env = { PATH: process.env['PATH'], ...settings }
  const child = spawn(process.execPath, [file], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  try {
    await using server = await startFaultServer({ pick: () => 'ok', workMs: 5 })
    using way = createHttpTransport(control, headers)
    const client = new DriverClient(way.transport, startClock())
    await client.alignClock()
    // Another address of this machine: a server that listens on all addresses would answer there too.
    await expect(waitForConnection('127.0.0.2', control)).rejects.toThrow('ECONNREFUSED')
    const shares = { fresh: 0.5, reused: 0.35, 'reused-post': 0.15 }
    await client.prepareAndStart(
      createTrialPlan(server.port, { shares, ratePerSecond: 400, thinkMs: 50, limitMs: 1500, timeoutMs: 2000 }),
    )
    const records = []
    for await (const batch of client.records()) records.push(...batch.records)
    expect(records.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, seq) => seq))
    expect(records.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
    // Generous, for a busy machine: what a quiet one reaches is a matter for the benchmark.
    const lags = records.map(({ sentUs, dueUs }) => sentUs! - dueUs).sort((a, b) => a - b)
    expect(lags[300]).toBeLessThan(5000)
    expect(server.log.filter(({ method }) => method === 'POST').every(({ bodyBytes }) => bodyBytes === 64)).toBe(true)
    expect(server.log.filter(({ method }) => method === 'POST').length).toBe(90)
  } finally {
    child.kill('SIGTERM')
    const [status] = (await exited) as [number]
    rmSync(folder, { recursive: true })
    expect(status).toBe(0)
  }
})

test('bundle: a driver without a token does not start', () => {
  const main = join(import.meta.dirname, 'main.ts')
  for (const sha256 of [undefined, '', 'abc']) {
    const env = { PATH: process.env['PATH'], ...(sha256 !== undefined && { NODROP_DRIVER_TOKEN_SHA256: sha256 }) }
    const { status, stderr } = spawnSync(process.execPath, [main], { env, encoding: 'utf8' })
    expect([status, stderr]).toEqual([
      1,
      'Cannot start: NODROP_DRIVER_TOKEN_SHA256 must be the SHA-256 of the token of the run\n',
    ])
  }
})
