/** A cluster that runs between commands: `nodrop up` records the process that keeps it, `run` uses it, `down` ends it. */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from '../../base/files/bounded-file.ts'
import { writeDurably } from '../../base/files/durable-file.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { managedClusterKinds } from '../../model/cluster-kind.ts'
import type { ClusterKind } from '../../model/cluster-kind.ts'
import type { Cluster } from '../cluster.ts'
import { findProcess, isRunning, getOwnIdentity } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

/** The process that keeps the cluster. */
export interface ClusterHolder extends ProcessIdentity {
  kind: ClusterKind
  kubeconfig: string
  description: string
}

/** The system does not report the end of a process that is not a child. */
const lookEveryMs = 500

export function writeHolder(directory: string, holder: Omit<ClusterHolder, keyof ProcessIdentity>): void {
  const whole: ClusterHolder = { ...holder, ...getOwnIdentity() }
  writeDurably(getHolderPath(directory), `${JSON.stringify(whole, null, 2)}\n`)
}

/** The recorded holder, if its process still runs and is the same. Throws a Fault if that is unknown. */
export function readHolder(directory: string): ClusterHolder | null {
  if (!existsSync(getHolderPath(directory))) return null
  const holder = parseHolder(directory)
  return isHolder(holder, directory) ? holder : null
}

/**
 * The file decides which process gets a signal. So the process must have begun at the recorded time, and run the program that keeps this
 * directory's cluster (hold-cluster.ts, which has the directory among its arguments).
 */
function isHolder(holder: ClusterHolder, directory: string): boolean {
  const { command = '' } = findProcess(holder) ?? {}
  return /\/hold-cluster\.[jt]s /.test(command) && command.includes(`"directory":${JSON.stringify(directory)}`)
}

const maxBytes = 1024 * 1024

function parseHolder(directory: string): ClusterHolder {
  try {
    const found = readJson(getHolderPath(directory), maxBytes)
    if (isHolderRecord(found)) return found
    throw new Error(`${getHolderPath(directory)} is not the record of a cluster`)
  } catch (error) {
    throw new Fault(
      'environment',
      `Cannot determine which process holds the cluster of nodrop up: ${getErrorMessage(error)}`,
      `If that cluster still runs, end its process first (pgrep -f hold-cluster.ts). Then delete ${directory}.`,
      { cause: error },
    )
  }
}

function isHolderRecord(value: unknown): value is ClusterHolder {
  if (typeof value !== 'object' || value === null) return false
  const { pid, startTime, kind, kubeconfig, description } = value as Partial<Record<keyof ClusterHolder, unknown>>
  const texts = [startTime, kubeconfig, description]
  return (
    // Other numbers mean a process group, or all processes.
    Number.isSafeInteger(pid) &&
    (pid as number) > 1 &&
    managedClusterKinds.some((one) => one === kind) &&
    texts.every((text) => typeof text === 'string')
  )
}

export function removeHolder(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
}

/** The held cluster as a Cluster; disposing of it leaves it running. */
export function findHeldCluster(directory: string): { cluster: Cluster; pid: number } | null {
  const holder = readHolder(directory)
  if (!holder) {
    // A killed holder leaves a kubeconfig of a cluster that is gone. Without the holder's file one may just be starting.
    if (existsSync(getHolderPath(directory))) removeHolder(directory)
    return null
  }
  const { kind, kubeconfig, description, pid } = holder
  const lost = new AbortController()
  const look = setInterval(() => {
    if (!isRunning(holder))
      lost.abort(new Fault('unknown', `The cluster that nodrop up started has ended: ${description}`))
  }, lookEveryMs).unref()
  const detach = (): Promise<void> => Promise.resolve(clearInterval(look))
  return { pid, cluster: { kind, kubeconfig, description, lost: lost.signal, [Symbol.asyncDispose]: detach } }
}

function getHolderPath(directory: string): string {
  return join(directory, 'cluster.json')
}
