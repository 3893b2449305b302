/** The driver as a program of its own, around an engine: see protocol.ts for how to talk to it. */
import type { AddressInfo } from 'node:net'
import { messageOf, unexpected } from '../../base/fault.ts'
import { Control } from './control-server.ts'
import type { ControlOptions } from './control-server.ts'
import { isSha256 } from './credential.ts'
import { defaultControlPort } from './control-protocol.ts'
import { rehearse } from './warm-up.ts'
import { rankThreads } from '../machine/thread-priorities.ts'

const abandonedMs = 60_000
const rehearsalMs = 2000
/** Well below the time that the harness gives a request. */
const calmLimitMs = 6000

export function runProgram(engine: ControlOptions['engine']): void {
  const {
    NODROP_DRIVER_HOST: host = '127.0.0.1',
    NODROP_DRIVER_PORT: port = defaultControlPort,
    NODROP_DRIVER_TOKEN_SHA256: tokenSha256,
  } = process.env
  if (!isSha256(tokenSha256)) fail('start', 'NODROP_DRIVER_TOKEN_SHA256 must be the SHA-256 of the token of the run')
  const onAbandoned = (): void => end('nobody has asked for records for 60 s')
  // As long as nothing counts, compiling is what a core is for.
  const rehearsal = rehearse(rehearsalMs).then(() => void rankThreads())
  rehearsal.catch((error: unknown) => fail('rehearse', error))
  const control = new Control({ tokenSha256, engine, rehearsal, calmLimitMs, abandonedMs, onAbandoned })
  control.server.on('error', (error) => fail(`listen on port ${port} of ${host}`, error))
  control.server.listen(Number(port), host, () => {
    const { port: chosen } = control.server.address() as AddressInfo
    process.stderr.write(`driver: listening on port ${chosen}\n`)
  })
  process.on('uncaughtException', (error) => {
    process.stderr.write(`driver: ${unexpected(error)}\n`)
    process.exit(1)
  })
  process.once('SIGTERM', () => end('SIGTERM'))
  process.once('SIGINT', () => end('SIGINT'))
}

function fail(what: string, error: unknown): never {
  process.stderr.write(`Cannot ${what}: ${messageOf(error)}\n`)
  process.exit(1)
}

function end(why: string): never {
  process.stderr.write(`driver: ends, ${why}\n`)
  process.exit(0)
}
