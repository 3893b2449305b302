/** A load driver as a process on this machine, for a target that is reached from outside its cluster. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { startProcess } from '../base/child-process.ts'
import type { RunningProcess } from '../base/child-process.ts'
import { writeDurably } from '../base/files/durable-file.ts'
import { Fault } from '../base/fault.ts'
import type { DriverTransport } from '../load/client/driver-client.ts'
import { createHttpTransport } from '../load/client/http-transport.ts'
import type { DriverCredential } from '../load/service/credential.ts'

export interface LocalDriver extends AsyncDisposable {
  readonly transport: DriverTransport
}

const startLimitMs = 20_000
const endLimitMs = 5_000
/** Variables that decide which certificate authorities a program trusts, and where it is found. */
const passedOn = ['PATH', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'] as const

/** Resolves when it accepts requests. It ends when this process ends in any way. Throws a Fault where it does not start. */
export async function startLocalDriver(
  code: string,
  { headers, sha256 }: DriverCredential,
  signal: AbortSignal,
): Promise<LocalDriver> {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-driver-'))
  const file = join(folder, 'driver.mjs')
  const own = { NODROP_DRIVER_PORT: '0', NODROP_DRIVER_TOKEN_SHA256: sha256 }
  const env = Object.fromEntries(passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
  try {
    writeDurably(file, code)
    const child = startProcess([process.execPath, file], { env: { ...env, ...own }, diesWithParent: true })
    const stop = (): void => child.kill()
    signal.addEventListener('abort', stop, { once: true })
    try {
      const way = createHttpTransport(await readPort(child), headers)
      return { transport: withEndReason(way.transport, child), [Symbol.asyncDispose]: () => end(child, way) }
    } catch (error) {
      child.kill()
      signal.throwIfAborted()
      throw error
    } finally {
      signal.removeEventListener('abort', stop)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The port of its control server on 127.0.0.1. */
async function readPort({ stdout, stderr, exited }: RunningProcess): Promise<number> {
  stdout?.resume()
  const said: string[] = []
  const found = Promise.withResolvers<number>()
  if (stderr) {
    createInterface({ input: stderr }).on('line', (line) => {
      said.push(line)
      const port = /listening on port (\d+)/.exec(line)?.[1]
      if (port !== undefined) found.resolve(Number(port))
    })
  }
  const fail = (why: string): Promise<never> =>
    Promise.reject(new Fault('environment', `Cannot start the load driver: ${[why, ...said].join('; ')}`))
  const limit = new AbortController()
  try {
    return await Promise.race([
      found.promise,
      exited.then((code) => fail(`it ended with ${code === null ? 'a signal' : `exit code ${code}`}`)),
      sleep(startLimitMs, undefined, { signal: limit.signal }).then(() =>
        fail(`not ready in ${startLimitMs / 1000} s`),
      ),
    ])
  } finally {
    limit.abort()
  }
}

/** A request to a driver that has ended is not repeated. */
function withEndReason(transport: DriverTransport, { exited }: RunningProcess): DriverTransport {
  let ended: string | null = null
  void exited.then((code) => (ended = code === null ? 'a signal ended it' : `it ended with exit code ${code}`))
  return async (asked) => {
    if (ended !== null) throw new Fault('unknown', ended)
    return transport(asked)
  }
}

async function end(child: RunningProcess, way: Disposable): Promise<void> {
  way[Symbol.dispose]()
  child.kill('SIGTERM')
  const limit = new AbortController()
  await Promise.race([
    child.exited,
    sleep(endLimitMs, undefined, { signal: limit.signal })
      .then(() => child.kill())
      .catch(() => undefined),
  ])
  limit.abort()
}
