/** The process behind `nodrop up`: starts a cluster, records itself as its holder, and ends it on SIGTERM. */
import { exitCodes } from '../../base/fault.ts'
import { readHolder, writeHolder } from '../../cluster/embedded/cluster-holder.ts'
import { explainError, explainUncaughtErrors } from '../../terminal/explain.ts'
import { printNotice } from '../../terminal/print.ts'
import { startCluster } from '../../cluster/clusters.ts'
import type { ManagedClusterKind, StartOptions } from '../../cluster/clusters.ts'

/** The arguments from `up`, as JSON. */
export interface HolderArguments extends Pick<StartOptions, 'paths' | 'kindImage'> {
  choice: ManagedClusterKind
  directory: string
}

const recordCheckMs = 1000

const { choice, directory, ...options } = JSON.parse(process.argv[2] ?? '{}') as HolderArguments
explainUncaughtErrors('')
const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort())
// Until other commands can find this holder by its file, it lives no longer than the command that started it.
let isKnown = false
process.stdin.on('end', () => isKnown || stop.abort()).resume()

try {
  await using cluster = await startCluster(choice, {
    ...options,
    stateDir: directory,
    log: printNotice,
    signal: stop.signal,
  })
  const { kind, kubeconfig, description } = cluster
  stop.signal.throwIfAborted()
  writeHolder(directory, { kind, kubeconfig, description })
  isKnown = true
  // Nothing else keeps this process alive; and once the file no longer names it, no command would find it.
  const alive = setInterval(() => {
    if (!isRecordedHolder(directory)) stop.abort()
  }, recordCheckMs)
  await new Promise<void>((resolve) => {
    for (const signal of [stop.signal, cluster.lost]) signal.addEventListener('abort', () => resolve())
  })
  clearInterval(alive)
  if (cluster.lost.aborted) process.exitCode = exitCodes.unknown
} catch (error) {
  const { text, exitCode } = explainError(error)
  printNotice(text)
  process.exitCode = exitCode
}

/** An unreadable record names no holder. */
function isRecordedHolder(place: string): boolean {
  try {
    return readHolder(place)?.pid === process.pid
  } catch {
    return false
  }
}
