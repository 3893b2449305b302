/** The cluster that a command asks for: one that runs already, or a new one. */
import { join } from 'node:path'
import { managedClusterKinds } from '../model/cluster-kind.ts'
import type { Cluster } from './cluster.ts'
import { findHeldCluster } from './embedded/cluster-holder.ts'
import type { NodeClock } from './node-clock.ts'
import { sameClock } from './node-clock.ts'
import type { ClusterChoice, ManagedClusterKind, Paths, StartOptions } from './provider.ts'
import { providers } from './providers.ts'

export type { ClusterChoice, ManagedClusterChoice, ManagedClusterKind, Paths, StartOptions } from './provider.ts'

/** The one that a kubeconfig names; or the one that `nodrop up` started, when it still runs; else a new one that ends with its disposal. */
export async function acquireCluster(choice: ClusterChoice, options: StartOptions): Promise<Cluster> {
  const kind = choice === 'auto' ? await chooseClusterKind(options) : choice
  const { facts, start, loadImages } = providers[kind]
  const managed = managedClusterKinds.find((one) => one === kind)
  const held = managed && findHeldCluster(getHolderDir(options.paths, managed))
  if (held) {
    options.log(`using the cluster that nodrop up started (process ${held.pid})`)
    // It may have started before the images were changed.
    await loadImages(held.cluster.kubeconfig, options)
    return held.cluster
  }
  if (facts.startNotice !== '') options.log(facts.startNotice)
  return start(options)
}

export function startCluster(kind: ManagedClusterKind, options: StartOptions): Promise<Cluster> {
  return providers[kind].start(options)
}

/** kind where it can be used, else the embedded cluster; says which and why. */
export async function chooseClusterKind({ log }: Pick<StartOptions, 'log'>): Promise<ManagedClusterKind> {
  const missing = (await providers.kind.check()).find(({ ok }) => !ok)
  if (!missing) {
    log('cluster: kind, because Docker and kind are usable here (--cluster local for the embedded one)')
    return 'kind'
  }
  log(`cluster: the embedded one, because kind cannot be used here: ${missing.name}: ${missing.found}`)
  return 'local'
}

/** Where the process that holds a cluster between commands is recorded. */
export function getHolderDir(paths: Paths, kind: ManagedClusterKind): string {
  return join(paths.reports, 'cluster', kind)
}

/** `null` where nobody can tell: the nodes are elsewhere. */
export async function readNodeClock({
  kind,
  kubeconfig,
}: Pick<Cluster, 'kind' | 'kubeconfig'>): Promise<NodeClock | null> {
  const { facts, readNodeClock } = providers[kind]
  return facts.sharesOurClock ? sameClock : ((await readNodeClock?.(kubeconfig)) ?? null)
}
