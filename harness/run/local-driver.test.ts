import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startClock } from '../base/clock.ts'
import { DriverClient } from '../load/client/driver-client.ts'
import { createTrialPlan } from '../load/driver/trial-load.ts'
import { bundleDriver } from '../load/service/bundle.ts'
import { createCredential } from '../load/service/credential.ts'
import { createCertificate } from '../testing/certificate.ts'
import { startLocalDriver } from './local-driver.ts'

const noSignal = new AbortController().signal
const listFolders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('nodrop-driver-'))

/** An HTTPS server on 127.0.0.1, and its certificate. */
async function startShop(): Promise<{ port: number; cert: string }> {
  const { key, cert } = await createCertificate('shop.example')
  const server = createServer({ key, cert }, (_, response) => response.end('ok'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, cert }
}

test(
  'local driver: it sends the load, trusts what the machine trusts, and leaves nothing',
  { timeout: 60_000 },
  async () => {
    const { port, cert } = await startShop()
    const folder = mkdtempSync(join(tmpdir(), 'nodrop-roots-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'ca.pem'), cert)
    vi.stubEnv('SSL_CERT_FILE', join(folder, 'ca.pem'))
    onTestFinished(() => void vi.unstubAllEnvs())
    await using driver = await startLocalDriver(await bundleDriver(), createCredential(), noSignal)
    expect(listFolders()).toEqual([])
    const client = new DriverClient(driver.transport, startClock())
    await client.alignClock()
    const tls = { roots: 'system', serverName: 'shop.example' } as const
    const trial = createTrialPlan(port, { limitMs: 500, tls, authority: 'shop.example' })
    const identification = { podHeader: null, workloadHeader: null, requestIdHeader: null }
    await client.prepareAndStart({ ...trial, identification })
    const outcomes: string[] = []
    for await (const { records } of client.records()) outcomes.push(...records.map(({ outcome }) => outcome))
    expect(new Set(outcomes)).toEqual(new Set(['ok']))
  },
)

test('local driver: one that does not start says why', async () => {
  const failing = startLocalDriver("console.error('no such thing'); process.exit(3)", createCredential(), noSignal)
  await expect(failing).rejects.toMatchObject({
    kind: 'environment',
    message: 'Cannot start the load driver: it ended with exit code 3; no such thing',
  })
  expect(listFolders()).toEqual([])
})

test('local driver: one that ends is told, and not asked again', async () => {
  const code = `
    import { createServer } from 'node:http'
    const server = createServer(() => process.exit(7)).listen(0, '127.0.0.1', () =>
      process.stderr.write('driver: listening on port ' + server.address().port + '\\n'))`
  await using driver = await startLocalDriver(code, createCredential(), noSignal)
  await expect(driver.transport({ method: 'GET', path: '/clock' })).rejects.toThrow()
  await expect
    .poll(() => driver.transport({ method: 'GET', path: '/clock' }).catch((error: unknown) => String(error)))
    .toBe('Fault: it ended with exit code 7')
})
