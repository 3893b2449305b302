/** Which clusters a command can ask for, and how each is started. */
import { join } from 'node:path'
import type { Cluster } from '../cluster/cluster.ts'
import { startLocalCluster } from '../cluster/local.ts'
import { runningCluster } from '../cluster/standing.ts'

export type ClusterChoice = 'local'

export interface Paths {
  scenarios: string
  manifests: string
  reports: string
}

export interface StartOptions {
  paths: Paths
  /** Where a cluster of this run's own keeps its kubeconfig. */
  stateDir: string
  log: (line: string) => void
  signal: AbortSignal
}

const providers: { readonly [C in ClusterChoice]: (options: StartOptions) => Promise<Cluster> } = {
  local: ({ stateDir, log, signal }) => startLocalCluster({ stateDir, log, signal }),
}

/** The cluster that `nodrop up` started, when it still runs; else a new one that ends with its disposal. */
export async function useCluster(choice: ClusterChoice, options: StartOptions): Promise<Cluster> {
  const standing = runningCluster(standingDir(options.paths, choice))
  if (standing) {
    options.log(`using the cluster that nodrop up started (process ${standing.pid})`)
    return standing.cluster
  }
  return startCluster(choice, options)
}

export function startCluster(choice: ClusterChoice, options: StartOptions): Promise<Cluster> {
  return providers[choice](options)
}

export function standingDir(paths: Paths, choice: ClusterChoice): string {
  return join(paths.reports, 'cluster', choice)
}
