/** A cluster that stands on its own between commands: `nodrop up` writes down who keeps it, `run` uses it, `down` ends it. */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from '../../base/bounded-file.ts'
import { writeDurably } from '../../base/durable-file.ts'
import { Fault, messageOf } from '../../base/fault.ts'
import type { ClusterKind } from '../../model/plan.ts'
import type { Cluster } from '../cluster.ts'
import { factsOf, isRunning, ownMark } from './process-identity.ts'
import type { ProcessMark } from './process-identity.ts'

/** Who keeps the cluster. */
export interface Keeper extends ProcessMark {
  kind: ClusterKind
  kubeconfig: string
  description: string
}

/** Nothing tells of the end of a process that is not a child. */
const lookEveryMs = 500

export function writeKeeper(directory: string, keeper: Omit<Keeper, keyof ProcessMark>): void {
  const whole: Keeper = { ...keeper, ...ownMark() }
  writeDurably(keeperPath(directory), `${JSON.stringify(whole, null, 2)}\n`)
}

/** The keeper that was written down, when its process still runs and is what it was. Throws a Fault where nobody can tell. */
export function readKeeper(directory: string): Keeper | null {
  if (!existsSync(keeperPath(directory))) return null
  const keeper = keeperIn(directory)
  return isKeeper(keeper, directory) ? keeper : null
}

/**
 * What a file says decides which process gets a signal: so the process must have begun when the file says, and be the program that
 * keeps the cluster of this directory (commands/keep.ts, which has it among its words).
 */
function isKeeper(keeper: Keeper, directory: string): boolean {
  const { command = '' } = factsOf(keeper) ?? {}
  return command.includes('/keep.ts ') && command.includes(`"directory":${JSON.stringify(directory)}`)
}

const maxBytes = 1024 * 1024

function keeperIn(directory: string): Keeper {
  try {
    const found = readJson(keeperPath(directory), maxBytes)
    if (isRecord(found)) return found
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

function isRecord(value: unknown): value is Keeper {
  if (typeof value !== 'object' || value === null) return false
  const { pid, startTime, kind, kubeconfig, description } = value as Partial<Record<keyof Keeper, unknown>>
  const texts = [startTime, kubeconfig, description]
  return (
    // Others are a process group, or every process.
    Number.isSafeInteger(pid) &&
    (pid as number) > 1 &&
    (kind === 'local' || kind === 'kind') &&
    texts.every((text) => typeof text === 'string')
  )
}

export function forgetKeeper(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
}

/** The standing cluster as any other; disposing of it leaves it running. */
export function runningCluster(directory: string): { cluster: Cluster; pid: number } | null {
  const keeper = readKeeper(directory)
  if (!keeper) {
    // A keeper that was killed leaves a kubeconfig that leads nowhere. Without its file one may just be starting.
    if (existsSync(keeperPath(directory))) forgetKeeper(directory)
    return null
  }
  const { kind, kubeconfig, description, pid } = keeper
  const lost = new AbortController()
  const look = setInterval(() => {
    if (!isRunning(keeper))
      lost.abort(new Fault('unknown', `The cluster that nodrop up started has ended: ${description}`))
  }, lookEveryMs).unref()
  const leave = (): Promise<void> => Promise.resolve(clearInterval(look))
  return { pid, cluster: { kind, kubeconfig, description, lost: lost.signal, [Symbol.asyncDispose]: leave } }
}

function keeperPath(directory: string): string {
  return join(directory, 'cluster.json')
}
