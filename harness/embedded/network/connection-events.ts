/**
 * New connections reported by the kernel's connection tracking (ctnetlink): the Service's address, and the pod that each was sent to. Read
 * with conntrack(8) of Debian's package conntrack.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { killGroup, systemPath } from '../runtime/command.ts'

/** The address that clients connect to: a Service's IP and port. */
export interface ServiceAddress {
  address: string
  port: number
}

/** Selects connections: those to a Service, or those from one address. */
export type ConnectionFilter = ServiceAddress | { source: string }

/** The size of the kernel's buffer for a reader that is not scheduled; beyond it, events are lost and it reports ENOBUFS. */
const bufferBytes = 4 * 1024 * 1024

/**
 * Arguments for conntrack(8): it writes one line for each new connection, with the time at which it was read, until it is ended. The first
 * line reports the size of its buffer, when it already listens.
 */
export function buildConntrackArguments(filter: ConnectionFilter): string[] {
  const ends =
    'source' in filter
      ? ['--orig-src', filter.source]
      : ['--orig-dst', filter.address, '--orig-port-dst', String(filter.port)]
  return ['-E', '-e', 'NEW', '-o', 'timestamp', '-p', 'tcp', ...ends, '--buffer-size', String(bufferBytes)]
}

/**
 * The shell command that runs conntrack with the arguments "$@". A connection wakes conntrack on the core of the client that makes it: as a
 * batch process it does not preempt that client (sched(7)).
 */
export const conntrackCommand = 'nice -n 10 chrt --batch 0 conntrack "$@"'

export interface ConnectionEvents extends Disposable {
  /** The output of conntrack, including errors; ends when it ends. */
  readonly output: AsyncIterable<Buffer>
}

/** Throws an Error if the machine has no conntrack. */
export function openConnectionEvents(service: ServiceAddress): ConnectionEvents {
  const isInstalled = systemPath.split(':').some((directory) => existsSync(join(directory, 'conntrack')))
  if (!isInstalled) throw new Error('conntrack is not installed')
  // One pipe for both, so that an error is reported at the place of the lost events.
  const argv = ['-c', `exec ${conntrackCommand} 2>&1`, 'sh', ...buildConntrackArguments(service)]
  const child = spawn('sh', argv, {
    env: { PATH: systemPath, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  return {
    output: child.stdout,
    [Symbol.dispose]: () => {
      if (child.exitCode === null && child.signalCode === null) killGroup(child)
    },
  }
}
