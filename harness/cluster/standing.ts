/** A cluster that stands on its own between commands: `nodrop up` writes down who keeps it, `run` uses it, `down` ends it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
  writeFileSync(keeperPath(directory), `${JSON.stringify(whole, null, 2)}\n`)
}

/** The keeper that was written down, when its process still runs. */
export function readKeeper(directory: string): Keeper | null {
  if (!existsSync(keeperPath(directory))) return null
  const keeper = JSON.parse(readFileSync(keeperPath(directory), 'utf8')) as Keeper
  return isRunning(keeper) ? keeper : null
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
