/** The process behind `nodrop up`: starts a cluster, writes down who keeps it, and ends it on SIGTERM. */
import { Fault, exitCodes, messageOf } from '../fault.ts'
import { writeKeeper } from '../cluster/standing.ts'
import { startCluster } from './clusters.ts'
import type { StartedCluster, StartOptions } from './clusters.ts'

/** What `up` hands over, as JSON. */
export interface KeeperArguments extends Pick<StartOptions, 'paths' | 'kindImage'> {
  choice: StartedCluster
  directory: string
}

const { choice, directory, ...options } = JSON.parse(process.argv[2] ?? '{}') as KeeperArguments
const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort())

try {
  const log = (line: string): void => void process.stderr.write(`${line}\n`)
  await using cluster = await startCluster(choice, { ...options, stateDir: directory, log, signal: stop.signal })
  const { kind, kubeconfig, description } = cluster
  writeKeeper(directory, { kind, kubeconfig, description })
  // Nothing else keeps this process alive.
  const alive = setInterval(() => {}, 1 << 30)
  await new Promise<void>((resolve) => {
    for (const signal of [stop.signal, cluster.lost]) signal.addEventListener('abort', () => resolve())
  })
  clearInterval(alive)
  if (cluster.lost.aborted) process.exitCode = exitCodes.unknown
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n${error instanceof Fault ? error.advice : ''}\n`)
  process.exitCode = error instanceof Fault ? error.exitCode : exitCodes.unknown
}
