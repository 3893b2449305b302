/** Which clusters a command can ask for, and how each is started. */
import { join } from 'node:path'
import type { Cluster } from './cluster.ts'
import { startContextCluster } from './context/context-cluster.ts'
import type { ContextOptions } from './context/preflight.ts'
import { findDriverNode } from './kind/driver-node.ts'
import { buildImages, loadImages } from './kind/images.ts'
import { checkKind, localNodeImage, startKindCluster, sweepKind } from './kind/kind-cluster.ts'
import { startEmbeddedCluster } from './embedded/embedded-cluster.ts'
import { findHeldCluster } from './embedded/cluster-holder.ts'
import { createDirectory } from '../base/durable-file.ts'
import { runAll } from '../base/task-group.ts'
import { getContextStateDir } from './context-options.ts'

export type ClusterChoice = ManagedClusterChoice | 'kubeconfig'
export type ManagedClusterChoice = 'auto' | ManagedClusterKind
/** The clusters that nodrop itself starts. */
export type ManagedClusterKind = 'local' | 'kind'

export interface Paths {
  apps: string
  scenarios: string
  manifests: string
  reports: string
}

export interface StartOptions {
  paths: Paths
  /** Where a cluster of this run's own keeps its kubeconfig. */
  stateDir: string
  /** Node image for kind; default: the newest on this machine, else kind's own. */
  kindImage?: string
  /** Leaves a kind cluster and says how to reach it. */
  keep?: boolean
  /** For the choice `kubeconfig`. */
  named?: ContextOptions
  log: (line: string) => void
  signal: AbortSignal
}

const providers: { readonly [C in ManagedClusterKind]: (options: StartOptions) => Promise<Cluster> } = {
  local: ({ stateDir, log, signal }) => startEmbeddedCluster({ stateDir, log, signal }),
  kind: startKind,
}

/** What starting one does, and how long it takes. */
const startNotices: { readonly [C in ManagedClusterKind]: string } = {
  local: 'An embedded cluster is started for it, in a few seconds, and ends with it: nothing is installed.',
  kind:
    'A kind cluster is created for it and deleted afterwards: three containers of Docker, in one to three minutes; the first time ' +
    'some minutes more, for the sample images and, where Docker has no node image, a download of about 400 MB.',
}

/** The one that a kubeconfig names; or the one that `nodrop up` started, when it still runs; else a new one that ends with its disposal. */
export async function acquireCluster(choice: ClusterChoice, options: StartOptions): Promise<Cluster> {
  if (choice === 'kubeconfig') {
    const { paths, named, log, signal } = options
    if (!named) throw new Error('Cannot use a cluster of a kubeconfig without its context')
    return startContextCluster({ ...named, stateDir: getContextStateDir(paths), log, signal })
  }
  const asked = choice === 'auto' ? await chooseClusterKind(options) : choice
  const standing = findHeldCluster(getHolderDir(options.paths, asked))
  if (standing) {
    options.log(`using the cluster that nodrop up started (process ${standing.pid})`)
    return standing.cluster
  }
  options.log(startNotices[asked])
  return startCluster(asked, options)
}

export function startCluster(choice: ManagedClusterKind, options: StartOptions): Promise<Cluster> {
  return providers[choice](options)
}

/** kind where it can be used, else the embedded cluster; says which and why. */
export async function chooseClusterKind({ log }: Pick<StartOptions, 'log'>): Promise<ManagedClusterKind> {
  const missing = (await checkKind()).find(({ ok }) => !ok)
  if (!missing) {
    log('cluster: kind, because Docker and kind are usable here (--cluster local for the embedded one)')
    return 'kind'
  }
  log(`cluster: the embedded one, because kind cannot be used here: ${missing.name}: ${missing.found}`)
  return 'local'
}

/** The sample images are built while the nodes start, and brought to them while they get ready. */
async function startKind(options: StartOptions): Promise<Cluster> {
  const { paths, kindImage, keep = false, log, signal } = options
  const stateDir = getKindStateDir(paths)
  createDirectory(stateDir, 0o700)
  await sweepKind(stateDir, log)
  const image = kindImage ?? (await localNodeImage())
  const apps = { folder: paths.apps, extra: { driver: { node: await findDriverNode(log, signal) } } }
  const [, cluster] = await runAll(signal, (signal) => {
    const building = buildImages({ ...apps, stateDir, log, signal })
    const onNodes = async (kubeconfig: string, signal: AbortSignal): Promise<void> =>
      loadImages(kubeconfig, await building, { log, signal })
    return [building, startKindCluster({ stateDir, keep, log, signal, onNodes, ...(image !== undefined && { image }) })]
  })
  return cluster
}

/** One place for every kind cluster's intent, so that whoever comes next finds what a killed run left. */
export function getKindStateDir(paths: Paths): string {
  return join(paths.reports, 'cluster', 'kind-state')
}

export function getHolderDir(paths: Paths, choice: ManagedClusterKind): string {
  return join(paths.reports, 'cluster', choice)
}
