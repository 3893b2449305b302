import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createDirectory } from '../../base/files/durable-file.ts'
import { runAll } from '../../base/task-group.ts'
import type { Cluster } from '../cluster.ts'
import type { ClusterProvider, LoadImagesOptions, Paths, StartOptions, SweepOptions } from '../provider.ts'
import { sweepKindClusters } from './cleanup-record.ts'
import { trackConnections } from '../tracking/kind-connections.ts'
import { readRemoteMachine } from './docker-engine.ts'
import { findDriverNode } from './driver-node.ts'
import { buildImages, loadImages } from './images.ts'
import { startKindCluster } from './kind-cluster.ts'
import { checkKindMachine, findLocalNodeImage } from './kind-machine.ts'
import { readNodeClock } from './node-clock.ts'

export const kindProvider: ClusterProvider = {
  facts: {
    title: 'kind',
    startNotice:
      'A kind cluster is created for it and deleted afterwards: three containers of Docker, in one to three minutes; the first time ' +
      'some minutes more, for the sample images and, where Docker has no node image, a download of about 400 MB.',
    isNamedByContext: false,
    sharesOurClock: false,
    tellsExactEvents: false,
    hasIngress: true,
    enforcesPodFields: true,
    pullsImages: false,
    sendsLoadFromHere: true,
  },
  // The first start pulls images, makes three nodes and loads the workload.
  limitsMs: { start: 900_000, end: 120_000 },
  check: () => checkKindMachine(),
  start: startCluster,
  sweep: sweepClusters,
  loadImages: async (kubeconfig, options) => loadImages(kubeconfig, await buildSampleImages(options), options),
  readNodeClock,
  readRemoteMachine,
  trackConnections,
}

/** Builds the sample images while the nodes start, and loads them while the nodes become ready. */
async function startCluster(options: StartOptions): Promise<Cluster> {
  const { paths, kindImage, keep = false, log, signal } = options
  const stateDir = getStateDir(paths)
  createDirectory(stateDir, 0o700)
  await sweepKindClusters(stateDir, log)
  const image = kindImage ?? (await findLocalNodeImage())
  const [, cluster] = await runAll(signal, (signal) => {
    const building = buildSampleImages({ ...options, signal })
    const onNodes = async (kubeconfig: string, signal: AbortSignal): Promise<void> =>
      loadImages(kubeconfig, await building, { log, signal })
    return [building, startKindCluster({ stateDir, keep, log, signal, onNodes, ...(image !== undefined && { image }) })]
  })
  return cluster
}

async function buildSampleImages({ paths, log, signal }: LoadImagesOptions): Promise<string[]> {
  const extra = { driver: { node: await findDriverNode(log, signal) } }
  return buildImages({ folder: paths.apps, extra, stateDir: getStateDir(paths), log, signal })
}

async function sweepClusters({ paths, log, ...options }: SweepOptions): Promise<string[]> {
  const stateDir = getStateDir(paths)
  return existsSync(stateDir) ? sweepKindClusters(stateDir, log, options) : []
}

/** The cleanup records of all kind clusters are in one directory, so that a later command finds what a killed run left. */
function getStateDir(paths: Paths): string {
  return join(paths.reports, 'cluster', 'kind-state')
}
