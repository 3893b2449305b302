/** The cluster for a command: a running one, or a new one. */
import { join } from 'node:path'
import { managedClusterKinds } from '../model/cluster-kind.ts'
import type { Cluster } from './cluster.ts'
import { findHeldCluster } from './embedded/cluster-holder.ts'
import type { NodeClock } from './node-clock.ts'
import { sameClock } from './node-clock.ts'
import type { ClusterChoice, ManagedClusterKind, Paths, StartOptions } from './provider.ts'
import { providers } from './providers.ts'

export type { ClusterChoice, ManagedClusterChoice, ManagedClusterKind, Paths, StartOptions } from './provider.ts'

/** The cluster of a kubeconfig; or that of `nodrop up`, if it still runs; else a new one that ends when it is disposed of. */
export async function acquireCluster(choice: ClusterChoice, options: StartOptions): Promise<Cluster> {
  const kind = choice === 'auto' ? await chooseClusterKind(options) : choice
  const { facts, start, loadImages } = providers[kind]
  const managed = managedClusterKinds.find((one) => one === kind)
  const held = managed && findHeldCluster(getHolderDir(options.paths, managed))
  if (held) {
    options.log(`using the cluster that nodrop up started (process ${held.pid})`)
    // The cluster may have been started before the images were changed.
    await loadImages(held.cluster.kubeconfig, options)
    return held.cluster
  }
  if (facts.startNotice !== '') options.log(facts.startNotice)
  return start(options)
}

export function startCluster(kind: ManagedClusterKind, options: StartOptions): Promise<Cluster> {
  return providers[kind].start(options)
}

/** kind if it is usable, else the embedded cluster; logs the choice and its reason. */
export async function chooseClusterKind({ log }: Pick<StartOptions, 'log'>): Promise<ManagedClusterKind> {
  const missing = (await providers.kind.check()).find(({ ok }) => !ok)
  if (!missing) {
    log('cluster: kind, because Docker and kind are usable here (--cluster local for the embedded one)')
    return 'kind'
  }
  log(`cluster: the embedded one, because kind cannot be used here: ${missing.name}: ${missing.found}`)
  return 'local'
}

/** The directory of the record of the process that keeps a cluster between commands. */
export function getHolderDir(paths: Paths, kind: ManagedClusterKind): string {
  return join(paths.reports, 'cluster', kind)
}

/** `null` if unknown: the nodes are on other machines. */
export async function readNodeClock({
  kind,
  kubeconfig,
}: Pick<Cluster, 'kind' | 'kubeconfig'>): Promise<NodeClock | null> {
  const { facts, readNodeClock } = providers[kind]
  return facts.sharesOurClock ? sameClock : ((await readNodeClock?.(kubeconfig)) ?? null)
}
