/** A kind cluster for one run: created, checked for readiness, and always deleted. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../../base/files/durable-file.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { quoteShellWord } from '../../base/shell-quote.ts'
import { runAll } from '../../base/task-group.ts'
import type { Cluster } from '../cluster.ts'
import { runTool, getLastLines } from './tool.ts'
import { deleteKindCluster, isNetworkRemovable, prioritizeNode, watchRemoval } from './containers.ts'
import { getConfigPath, removeCleanupRecord, isClusterName, writeCleanupRecord } from './cleanup-record.ts'
import type { KindCleanupRecord } from './cleanup-record.ts'
import { waitUntilKindReady } from './readiness.ts'

export interface KindClusterOptions {
  /** Directory of the private kubeconfig, the cleanup record and, after a failure, kind's logs. */
  stateDir: string
  /** Default: a unique one. */
  name?: string
  /** Node image; default: kind's own for its version. */
  image?: string
  /** Number of nodes besides the control plane. */
  workers?: number
  /** Keeps the cluster when it is disposed of, and logs how to reach and delete it. */
  keep?: boolean
  /** Called when nodes run but are not ready yet, for example to load images. */
  onNodes?: (kubeconfig: string, signal: AbortSignal) => Promise<void>
  /** Gets a line for each step. */
  log: (line: string) => void
  /** Cancels the start. */
  signal?: AbortSignal
}

const createLimitMs = 300_000
const readyLimitMs = 180_000
const exportLimitMs = 60_000

/** Resolves when every node, the network and the name service are ready. A failure or an abort leaves nothing behind. */
export async function startKindCluster(options: KindClusterOptions): Promise<Cluster> {
  const {
    stateDir,
    name = `nodrop-${randomBytes(4).toString('hex')}`,
    workers = 2,
    keep = false,
    log,
    signal,
  } = options
  if (!isClusterName(name)) {
    throw new Fault(
      'usage',
      `Cannot name a kind cluster ${JSON.stringify(name)}`,
      'Use small letters, digits, dots and dashes, 49 at most.',
    )
  }
  signal?.throwIfAborted()
  const record = {
    name,
    kubeconfig: join(stateDir, `${name}.kubeconfig`),
    keep,
    removeNetwork: await isNetworkRemovable(),
  }
  writeCleanupRecord(stateDir, { ...record, keep: false })
  try {
    await createCluster(record, { ...options, workers })
    const nodes = workers + 1
    const { kubeconfig } = record
    const [version] = await runAll(signal ?? new AbortController().signal, (either) => [
      waitUntilKindReady({ kubeconfig, nodes, limitMs: readyLimitMs, log, signal: either }),
      options.onNodes?.(kubeconfig, either),
    ])
    if (keep) writeCleanupRecord(stateDir, record)
    return createClusterHandle(record, options, `kind cluster ${name} of ${nodes} nodes, Kubernetes ${version}`)
  } catch (error) {
    // An interrupted start needs no explanation; a failed one may only be understood from the nodes' own logs.
    const logs = signal?.aborted ? '' : await exportLogs(name, stateDir)
    await deleteCluster(record, stateDir, log)
    if (error instanceof Fault && logs !== '')
      throw new Fault(error.kind, error.message, `${error.advice}\n${logs}`.trim(), { cause: error })
    throw error
  }
}

type CleanupRecord = Pick<KindCleanupRecord, 'name' | 'kubeconfig' | 'keep' | 'removeNetwork'>

async function createCluster(record: CleanupRecord, options: KindClusterOptions & { workers: number }): Promise<void> {
  const { stateDir, image, workers, log, signal } = options
  const { name, kubeconfig } = record
  const config = getConfigPath(stateDir, name)
  writeDurably(config, `${JSON.stringify(buildClusterConfig(name, workers), null, 2)}\n`)
  const argv = ['kind', 'create', 'cluster', '--name', name, '--config', config, '--kubeconfig', kubeconfig, '--retain']
  log(`creating the kind cluster ${name} of ${workers + 1} nodes${image === undefined ? '' : ` from ${image}`}`)
  const result = await runTool(image === undefined ? argv : [...argv, '--image', image], {
    limitMs: createLimitMs,
    onLine: (line) => {
      const step = /^ • (?<step>.*?)[^\w)]*$/u.exec(line)?.groups?.['step']
      if (step !== undefined) log(`kind: ${step}`)
    },
    ...(signal && { signal }),
  })
  if (result.exitCode !== 0) {
    const advice = 'nodrop doctor says what kind needs; a node image that is not on this machine must be pulled first.'
    throw new Fault('environment', `Cannot create the kind cluster ${name}: ${getLastLines(result)}`, advice)
  }
  chmodSync(kubeconfig, 0o600)
  if (workers > 0) await prioritizeNode(`${name}-worker`)
}

/** JSON, which is also YAML. Both address ranges are kind's defaults. */
function buildClusterConfig(name: string, workers: number): unknown {
  // The kubelet does not start with unknown labels below kubernetes.io.
  const labels = { 'nodrop.dev/cluster': name }
  const worker = { role: 'worker', labels }
  const preferred = { role: 'worker', labels: { ...labels, 'nodrop.dev/load': 'preferred' } }
  const others = Array.from({ length: workers - 1 }, () => worker)
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    name,
    networking: { apiServerAddress: '127.0.0.1' },
    nodes: [{ role: 'control-plane', labels }, ...(workers > 0 ? [preferred, ...others] : [])],
  }
}

function createClusterHandle(
  record: CleanupRecord,
  { stateDir, log }: KindClusterOptions,
  description: string,
): Cluster {
  const { name, kubeconfig, keep } = record
  const lost = new AbortController()
  const watch = watchRemoval(name, (container) =>
    lost.abort(
      new Fault(
        'unknown',
        `The kind cluster ${name} lost its node ${container}: the container was removed from outside`,
      ),
    ),
  )
  return {
    kind: 'kind',
    kubeconfig,
    description,
    lost: lost.signal,
    [Symbol.asyncDispose]: async () => {
      watch.stop()
      if (!keep) return deleteCluster(record, stateDir, log)
      log(
        `the kind cluster ${name} stays: kubectl --kubeconfig ${quoteShellWord(kubeconfig)} get pods --all-namespaces`,
      )
      log(`to delete it: kind delete cluster --name ${name}`)
    },
  }
}

async function deleteCluster(record: CleanupRecord, stateDir: string, log: (line: string) => void): Promise<void> {
  log(`deleting the kind cluster ${record.name}`)
  await deleteKindCluster(record.name, { ...record, log })
  removeCleanupRecord(stateDir, record)
}

/** The path of the logs, for people; empty if there are none. */
async function exportLogs(name: string, stateDir: string): Promise<string> {
  const folder = join(stateDir, `${name}-logs`)
  try {
    // It fails if any single file is unavailable, as on a node that is half set up, but keeps the others.
    await runTool(['kind', 'export', 'logs', folder, '--name', name], { limitMs: exportLimitMs })
    return existsSync(folder) ? `The logs of its nodes are in ${folder}` : ''
  } catch (error) {
    return `Its logs could not be had: ${getErrorMessage(error)}`
  }
}
