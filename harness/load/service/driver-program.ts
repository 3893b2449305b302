/** The driver as a program of its own, around an engine; control-protocol.ts describes how to talk to it. */
import type { AddressInfo } from 'node:net'
import { getErrorMessage, describeInternalError } from '../../base/fault.ts'
import { ControlServer } from './control-server.ts'
import type { ControlServerOptions } from './control-server.ts'
import { isSha256 } from './credential.ts'
import { defaultControlPort } from './control-protocol.ts'
import { warmUp } from './warm-up.ts'
import { setThreadPriorities } from '../machine/thread-priorities.ts'

const abandonedMs = 60_000
const warmUpMs = 2000
/** Well below the time limit of a request of the harness. */
const quietLimitMs = 6000

export function runDriverProgram(engine: ControlServerOptions['createEngine']): void {
  const {
    NODROP_DRIVER_HOST: host = '127.0.0.1',
    NODROP_DRIVER_PORT: port = defaultControlPort,
    NODROP_DRIVER_TOKEN_SHA256: tokenSha256,
  } = process.env
  if (!isSha256(tokenSha256))
    exitWithError('start', 'NODROP_DRIVER_TOKEN_SHA256 must be the SHA-256 of the token of the run')
  const onAbandoned = (): void => exitNormally('no records were requested for 60 s')
  // Nothing is measured yet, so compiling may have the core.
  const warmingUp = warmUp(warmUpMs).then(() => void setThreadPriorities())
  warmingUp.catch((error: unknown) => exitWithError('warm up', error))
  const control = new ControlServer({
    tokenSha256,
    createEngine: engine,
    warmUp: warmingUp,
    quietLimitMs: quietLimitMs,
    abandonedMs,
    onAbandoned,
  })
  control.server.on('error', (error) => exitWithError(`listen on port ${port} of ${host}`, error))
  control.server.listen(Number(port), host, () => {
    const { port: chosen } = control.server.address() as AddressInfo
    process.stderr.write(`driver: listening on port ${chosen}\n`)
  })
  process.on('uncaughtException', (error) => {
    process.stderr.write(`driver: ${describeInternalError(error)}\n`)
    process.exit(1)
  })
  process.once('SIGTERM', () => exitNormally('SIGTERM'))
  process.once('SIGINT', () => exitNormally('SIGINT'))
}

function exitWithError(what: string, error: unknown): never {
  process.stderr.write(`Cannot ${what}: ${getErrorMessage(error)}\n`)
  process.exit(1)
}

function exitNormally(why: string): never {
  process.stderr.write(`driver: ends, ${why}\n`)
  process.exit(0)
}
