import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startClock } from '../clock.ts'
import { startFaultServer } from '../verify/fault-server.ts'
import { bundleDriver } from './bundle.ts'
import { DriverClient } from './client.ts'
import { transportTo } from './http-transport.ts'
import { trialPlan } from './trial.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

test('the bundle is one small file that runs by itself, keeps the rate and ends on SIGTERM', async () => {
  const code = await bundleDriver()
  expect(code.length).toBeLessThan(1 << 20)
  expect(code).not.toMatch(/from\s*"(?!node:)/)
  const folder = mkdtempSync(join(tmpdir(), 'driver-'))
  const file = join(folder, 'driver.mjs')
  writeFileSync(file, code)
  const control = await freePort()
  const env = { PATH: process.env['PATH'], NODROP_DRIVER_PORT: String(control) }
  const child = spawn(process.execPath, [file], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  try {
    await using server = await startFaultServer({ pick: () => 'ok', workMs: 5 })
    using way = transportTo(control)
    const client = new DriverClient(way.transport, startClock())
    const shares = { fresh: 0.5, reused: 0.35, 'reused-post': 0.15 }
    await client.start(
      trialPlan(server.port, { shares, ratePerSecond: 400, thinkMs: 50, limitMs: 1500, timeoutMs: 2000 }),
    )
    const records = []
    for await (const batch of client.records()) records.push(...batch.records)
    expect(records.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, seq) => seq))
    expect(records.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
    // Generous, for a machine that does other things: what is reached on a quiet one is a matter for the benchmark.
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
