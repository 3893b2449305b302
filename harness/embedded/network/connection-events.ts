/**
 * New connections as the kernel's connection tracking reports them (ctnetlink): with the Service's address that each was for, and the pod
 * to which it is led. Read by conntrack(8) of Debian's package of that name.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { killGroup, systemPath } from '../runtime/command.ts'

/** Where clients connect to: the address of a Service, and its port. */
export interface ServiceAddress {
  address: string
  port: number
}

/** Of which connections is to be told: those to a Service, or those that one address makes. */
export type ConnectionFilter = ServiceAddress | { source: string }

/** What the kernel keeps for a reader that does not get to run; beyond, it loses events and says so (ENOBUFS). */
const bufferBytes = 4 * 1024 * 1024

/**
 * Of conntrack(8): one line for each new connection, with the time at which it was read; until it is ended. The first line is
 * a notice of the size of its buffer, when it listens already.
 */
export function buildConntrackArguments(filter: ConnectionFilter): string[] {
  const ends =
    'source' in filter
      ? ['--orig-src', filter.source]
      : ['--orig-dst', filter.address, '--orig-port-dst', String(filter.port)]
  return ['-E', '-e', 'NEW', '-o', 'timestamp', '-p', 'tcp', ...ends, '--buffer-size', String(bufferBytes)]
}

/**
 * The same as words of a shell's command line, "$@" being the arguments. A connection wakes conntrack on the core of the client that makes
 * it: as a batch process it does not preempt that client (sched(7)).
 */
export const conntrackCommand = 'nice -n 10 chrt --batch 0 conntrack "$@"'

export interface ConnectionEvents extends Disposable {
  /** What conntrack writes, problems included; ends when it ends. */
  readonly output: AsyncIterable<Buffer>
}

/** Throws an Error where the machine has no conntrack. */
export function openConnectionEvents(service: ServiceAddress): ConnectionEvents {
  const isInstalled = systemPath.split(':').some((directory) => existsSync(join(directory, 'conntrack')))
  if (!isInstalled) throw new Error('conntrack is not installed')
  // One pipe for both, so that a problem stands where events were lost.
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
