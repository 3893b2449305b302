/** What is written down before a kind cluster is made, so that whoever comes next can undo it. */
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

/** With the process that makes it. */
export interface KindCleanupRecord extends ProcessIdentity {
  schema: 1
  name: string
  kubeconfig: string
  /** Nobody but its user deletes it. */
  keep: boolean
  /** Docker's network for kind clusters was not there before. */
  removeNetwork: boolean
}

const maxBytes = 1024 * 1024
const suffix = '.kind-intent.json'

function getRecordPath(stateDir: string, name: string): string {
  return join(stateDir, `${name}${suffix}`)
}

/** Where the description that kind makes the cluster from is while the cluster lives. */
export function getConfigPath(stateDir: string, name: string): string {
  return join(stateDir, `${name}.kind.json`)
}

/** Where the images that a cluster has been given are listed while it lives. */
export function getLoadedImagesPath(kubeconfig: string): string {
  return `${kubeconfig}.images`
}

/** Writes the record whole or not at all, and on the disk before it returns. */
export function writeCleanupRecord(
  stateDir: string,
  record: Omit<KindCleanupRecord, 'schema' | keyof ProcessIdentity>,
): void {
  const whole: KindCleanupRecord = { schema: 1, ...record, ...getOwnIdentity() }
  createDirectory(stateDir, 0o700)
  writeDurably(getRecordPath(stateDir, record.name), `${JSON.stringify(whole, null, 2)}\n`)
}

/** To be called when the cluster is gone. */
export function removeCleanupRecord(
  stateDir: string,
  { name, kubeconfig }: Pick<KindCleanupRecord, 'name' | 'kubeconfig'>,
): void {
  // kind locks the file while it writes; killed meanwhile, it leaves the lock.
  const files = [kubeconfig, `${kubeconfig}.lock`, getLoadedImagesPath(kubeconfig), getConfigPath(stateDir, name)]
  for (const file of files) rmSync(file, { force: true })
  rmSync(getRecordPath(stateDir, name), { force: true })
}

/**
 * Deletes the clusters whose makers, by the records below a directory, no longer run; those that were to be kept stay.
 * Gives the names of the deleted. A cluster that cannot be deleted keeps its record, for the next time.
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

/** A record that cannot be read is left alone: what it was about is not known. */
function readCleanupRecord(path: string): KindCleanupRecord | null {
  try {
    const record = readJson(path, maxBytes) as KindCleanupRecord
    return record.schema === 1 && isClusterName(record.name) ? record : null
  } catch {
    return null
  }
}

/** As kind itself demands it. */
export function isClusterName(name: unknown): name is string {
  return typeof name === 'string' && /^[a-z0-9][a-z0-9.-]{0,48}$/.test(name)
}

/** kind calls the context of a cluster `kind-<name>`. */
export function readClusterName(kubeconfig: string): string {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const name = /^kind-(?<name>.+)$/.exec(config.getCurrentContext())?.groups?.['name']
  if (name === undefined) throw new Fault('usage', `Cannot use ${kubeconfig}: it does not lead to a kind cluster`)
  return name
}
