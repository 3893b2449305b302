/** A cluster that stands on its own between commands: `nodrop up` writes down who keeps it, `run` uses it, `down` ends it. */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from '../bounded-file.ts'
import { writeDurably } from '../durable-file.ts'
import { Fault, messageOf } from '../fault.ts'
import type { ClusterKind } from '../model/plan.ts'
import type { Cluster } from './cluster.ts'
import { isRunning, ownMark } from './process-mark.ts'
import type { ProcessMark } from './process-mark.ts'

/** Who keeps the cluster. */
export interface Keeper extends ProcessMark {
  kind: ClusterKind
  kubeconfig: string
  description: string
}

export function writeKeeper(directory: string, keeper: Omit<Keeper, keyof ProcessMark>): void {
  const whole: Keeper = { ...keeper, ...ownMark() }
  writeDurably(keeperPath(directory), `${JSON.stringify(whole, null, 2)}\n`)
}

/** The keeper that was written down, when its process still runs. Throws a Fault where nobody can tell. */
export function readKeeper(directory: string): Keeper | null {
  if (!existsSync(keeperPath(directory))) return null
  const keeper = keeperIn(directory)
  return isRunning(keeper) ? keeper : null
}

const maxBytes = 1024 * 1024

function keeperIn(directory: string): Keeper {
  try {
    const found = readJson(keeperPath(directory), maxBytes)
    if (isKeeper(found)) return found
    throw new Error(`${keeperPath(directory)} is no record of a cluster`)
  } catch (error) {
    throw new Fault(
      'environment',
      `Cannot tell which process keeps the cluster of nodrop up: ${messageOf(error)}`,
      `If that cluster still runs, end its process first (pgrep -f commands/keep.ts). Then delete ${directory}.`,
      { cause: error },
    )
  }
}

function isKeeper(value: unknown): value is Keeper {
  if (typeof value !== 'object' || value === null) return false
  const { pid, startTime, kind, kubeconfig, description } = value as Partial<Record<keyof Keeper, unknown>>
  const texts = [startTime, kubeconfig, description]
  const isProcess = Number.isSafeInteger(pid) && (pid as number) > 1
  return isProcess && (kind === 'local' || kind === 'kind') && texts.every((text) => typeof text === 'string')
}

export function forgetKeeper(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
}

/** The standing cluster as any other; disposing of it leaves it running. */
export function runningCluster(directory: string): { cluster: Cluster; pid: number } | null {
  const keeper = readKeeper(directory)
  if (!keeper) return null
  const { kind, kubeconfig, description, pid } = keeper
  const lost = new AbortController().signal
  return { pid, cluster: { kind, kubeconfig, description, lost, [Symbol.asyncDispose]: () => Promise.resolve() } }
}

function keeperPath(directory: string): string {
  return join(directory, 'cluster.json')
}
