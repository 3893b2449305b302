/** The process behind `nodrop up`: starts a cluster, writes down who keeps it, and ends it on SIGTERM. */
import { exitCodes } from '../base/fault.ts'
import { readKeeper, writeKeeper } from '../cluster/embedded/cluster-holder.ts'
import { explain, explainUncaught } from '../terminal/explain.ts'
import { tell } from '../terminal/print.ts'
import { startCluster } from '../cluster/clusters.ts'
import type { StartedCluster, StartOptions } from '../cluster/clusters.ts'

/** What `up` hands over, as JSON. */
export interface KeeperArguments extends Pick<StartOptions, 'paths' | 'kindImage'> {
  choice: StartedCluster
  directory: string
}

const stillKnownMs = 1000

const { choice, directory, ...options } = JSON.parse(process.argv[2] ?? '{}') as KeeperArguments
explainUncaught('')
const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort())
// Until others can find this keeper by its file it lives no longer than the command that started it.
let isKnown = false
process.stdin.on('end', () => isKnown || stop.abort()).resume()

try {
  await using cluster = await startCluster(choice, {
    ...options,
    stateDir: directory,
    log: tell,
    signal: stop.signal,
  })
  const { kind, kubeconfig, description } = cluster
  stop.signal.throwIfAborted()
  writeKeeper(directory, { kind, kubeconfig, description })
  isKnown = true
  // Nothing else keeps this process alive; and one that the file no longer names would be found by nobody.
  const alive = setInterval(() => {
    if (!isNamed(directory)) stop.abort()
  }, stillKnownMs)
  await new Promise<void>((resolve) => {
    for (const signal of [stop.signal, cluster.lost]) signal.addEventListener('abort', () => resolve())
  })
  clearInterval(alive)
  if (cluster.lost.aborted) process.exitCode = exitCodes.unknown
} catch (error) {
  const { text, exitCode } = explain(error)
  tell(text)
  process.exitCode = exitCode
}

/** What cannot be read names nobody. */
function isNamed(place: string): boolean {
  try {
    return readKeeper(place)?.pid === process.pid
  } catch {
    return false
  }
}
