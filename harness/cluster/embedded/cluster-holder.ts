/** A cluster that stands on its own between commands: `nodrop up` writes down who keeps it, `run` uses it, `down` ends it. */
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

/** Who keeps the cluster. */
export interface ClusterHolder extends ProcessIdentity {
  kind: ClusterKind
  kubeconfig: string
  description: string
}

/** Nothing tells of the end of a process that is not a child. */
const lookEveryMs = 500

export function writeHolder(directory: string, holder: Omit<ClusterHolder, keyof ProcessIdentity>): void {
  const whole: ClusterHolder = { ...holder, ...getOwnIdentity() }
  writeDurably(getHolderPath(directory), `${JSON.stringify(whole, null, 2)}\n`)
}

/** The recorded holder, when its process still runs and is what it was. Throws a Fault where nobody can tell. */
export function readHolder(directory: string): ClusterHolder | null {
  if (!existsSync(getHolderPath(directory))) return null
  const holder = parseHolder(directory)
  return isHolder(holder, directory) ? holder : null
}

/**
 * What a file says decides which process gets a signal: so the process must have begun when the file says, and be the program that
 * keeps the cluster of this directory (hold-cluster.ts, which has it among its words).
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
    // Others are a process group, or every process.
    Number.isSafeInteger(pid) &&
    (pid as number) > 1 &&
    managedClusterKinds.some((one) => one === kind) &&
    texts.every((text) => typeof text === 'string')
  )
}

export function removeHolder(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
}

/** The held cluster as any other; disposing of it leaves it running. */
export function findHeldCluster(directory: string): { cluster: Cluster; pid: number } | null {
  const holder = readHolder(directory)
  if (!holder) {
    // A holder that was killed leaves a kubeconfig that leads nowhere. Without its file one may just be starting.
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
