/** Capacities that were measured on this machine, one file each, found again by what they depend on. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubernetesObject } from '@kubernetes/client-node'
import type { Knee } from '../capacity/knee.ts'
import { Fault, messageOf } from '../fault.ts'
import type { KnownCapacity, RunPlan } from '../model/plan.ts'

export interface StoredCapacity extends KnownCapacity {
  schema: 1
  configuration: string
  plan: Pick<RunPlan, 'cluster' | 'environment'> & Pick<RunPlan['scenario'], 'replicas' | 'load'>
  knee: Knee
  /** Where the event logs of the steps are. */
  directory: string
}

export interface Workload {
  base: { workload: KubernetesObject[] }
  patch: Record<string, unknown>
  plan: RunPlan
}

/** Decides how pods end and are replaced, and nothing while they live. */
const aboutEnds = new Set(['lifecycle', 'terminationGracePeriodSeconds', 'strategy'])

/** The same for what must have the same capacity: manifests, replicas, kinds of request, cluster and machine. */
export function fingerprintOf({ base, patch, plan }: Workload): string {
  const { ratePerSecond: _, controlPerSecond: __, ...load } = plan.scenario.load
  const { cluster, environment } = plan
  const facts = [base.workload, patch, plan.scenario.replicas, load, cluster, environment]
  const text = JSON.stringify(facts, (key, value: unknown) => (aboutEnds.has(key) ? undefined : value))
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

export function storeCapacity(folder: string, workload: Workload, stored: StoredCapacity): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(folder, workload), `${JSON.stringify(stored, null, 2)}\n`)
}

/** `null` when none was measured. Throws a usage Fault for a file that is none of ours. */
export function knownCapacity(folder: string, workload: Workload): KnownCapacity | null {
  const path = fileOf(folder, workload)
  if (!existsSync(path)) return null
  try {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as StoredCapacity
    if (stored.schema !== 1) throw new Error(`its schema is ${String(stored.schema)}, this nodrop reads 1`)
    const { kneePerSecond, belowPerSecond, measured } = stored
    return { kneePerSecond, belowPerSecond, measured }
  } catch (error) {
    throw new Fault('usage', `Cannot read the capacity in ${path}: ${messageOf(error)}`, 'Delete it and measure again.')
  }
}

function fileOf(folder: string, workload: Workload): string {
  return join(folder, `${fingerprintOf(workload)}.json`)
}
