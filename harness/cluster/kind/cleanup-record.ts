/** What is recorded before a kind cluster is made, so that a later command can undo it. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { readJson } from '../../base/files/bounded-file.ts'
import { createDirectory, writeDurably } from '../../base/files/durable-file.ts'
import type { SweepOptions } from '../provider.ts'
import { deleteKindCluster } from './containers.ts'
import type { DeleteOptions } from './containers.ts'
import { isRunning, getOwnIdentity } from '../embedded/process-identity.ts'
import type { ProcessIdentity } from '../embedded/process-identity.ts'

/** Includes the process that makes it. */
export interface KindCleanupRecord extends ProcessIdentity {
  schema: 1
  name: string
  kubeconfig: string
  /** Only its user deletes it. */
  keep: boolean
  /** Docker's network for kind clusters did not exist before. */
  removeNetwork: boolean
}

const maxBytes = 1024 * 1024
const suffix = '.kind-intent.json'

function getRecordPath(stateDir: string, name: string): string {
  return join(stateDir, `${name}${suffix}`)
}

/** The path of the configuration from which kind makes the cluster, kept while the cluster lives. */
export function getConfigPath(stateDir: string, name: string): string {
  return join(stateDir, `${name}.kind.json`)
}

/** The path of the list of images that a cluster has got, kept while it lives. */
export function getLoadedImagesPath(kubeconfig: string): string {
  return `${kubeconfig}.images`
}

/** Writes the record atomically; it is on disk when this returns. */
export function writeCleanupRecord(
  stateDir: string,
  record: Omit<KindCleanupRecord, 'schema' | keyof ProcessIdentity>,
): void {
  const whole: KindCleanupRecord = { schema: 1, ...record, ...getOwnIdentity() }
  createDirectory(stateDir, 0o700)
  writeDurably(getRecordPath(stateDir, record.name), `${JSON.stringify(whole, null, 2)}\n`)
}

/** Call it when the cluster is gone. */
export function removeCleanupRecord(
  stateDir: string,
  { name, kubeconfig }: Pick<KindCleanupRecord, 'name' | 'kubeconfig'>,
): void {
  // kind locks the file while it writes; if it is killed then, the lock remains.
  const files = [kubeconfig, `${kubeconfig}.lock`, getLoadedImagesPath(kubeconfig), getConfigPath(stateDir, name)]
  for (const file of files) rmSync(file, { force: true })
  rmSync(getRecordPath(stateDir, name), { force: true })
}

/**
 * Deletes the clusters whose makers, by the records below a directory, no longer run; clusters to be kept stay. Returns the names of the
 * deleted ones. A cluster that cannot be deleted keeps its record for the next time.
 */
export async function sweepKindClusters(
  stateDir: string,
  log: (line: string) => void = () => undefined,
  { onLeft, ...options }: Pick<DeleteOptions, 'limits'> & Pick<SweepOptions, 'onLeft'> = {},
): Promise<string[]> {
  if (!existsSync(stateDir)) return []
  const swept: string[] = []
  for (const file of readdirSync(stateDir, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith(suffix)) continue
    const path = join(stateDir, file)
    const record = readCleanupRecord(path)
    if (!record || record.keep || isRunning(record)) continue
    const { name, pid, kubeconfig, removeNetwork } = record
    try {
      log(`deleting the kind cluster ${name}, which an earlier nodrop (process ${pid}) left behind`)
      await deleteKindCluster(name, { kubeconfig, removeNetwork, log, ...options })
      removeCleanupRecord(dirname(path), record)
      swept.push(name)
    } catch (error) {
      log(`cannot delete the kind cluster ${name}, nodrop sweep tries again: ${getErrorMessage(error)}`)
      if (error instanceof Fault && error.advice !== '') log(error.advice)
      onLeft?.(name)
    }
  }
  return swept
}

/** A record that cannot be read is left alone, because its subject is unknown. */
function readCleanupRecord(path: string): KindCleanupRecord | null {
  try {
    const record = readJson(path, maxBytes) as KindCleanupRecord
    return record.schema === 1 && isClusterName(record.name) ? record : null
  } catch {
    return null
  }
}

/** By kind's own rules. */
export function isClusterName(name: unknown): name is string {
  return typeof name === 'string' && /^[a-z0-9][a-z0-9.-]{0,48}$/.test(name)
}

/** kind names the context of a cluster `kind-<name>`. */
export function readClusterName(kubeconfig: string): string {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const name = /^kind-(?<name>.+)$/.exec(config.getCurrentContext())?.groups?.['name']
  if (name === undefined) throw new Fault('usage', `Cannot use ${kubeconfig}: it does not lead to a kind cluster`)
  return name
}
