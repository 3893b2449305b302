/** Capacities measured on this machine, one file each, found by the inputs that they depend on. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { KubernetesObject } from '@kubernetes/client-node'
import type { Knee } from './knee.ts'
import { readJson } from '../../base/files/bounded-file.ts'
import { createDirectory, writeDurably } from '../../base/files/durable-file.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { parseCapacity } from '../../log/plan-file.ts'
import { formatPlan } from '../../log/format-plan.ts'
import type { KnownCapacity, RunPlan } from '../../model/plan.ts'

export interface StoredCapacity extends KnownCapacity {
  schema: 1
  configuration: string
  plan: Pick<RunPlan, 'cluster' | 'environment'> & Pick<RunPlan['scenario'], 'replicas' | 'load'>
  knee: Knee
  /** The directory with the event logs of the steps. */
  directory: string
}

export interface CapacityInputs {
  base: { workload: KubernetesObject[] }
  patch: Record<string, unknown>
  plan: RunPlan
}

const maxBytes = 4 * 1024 * 1024

/** Fields that decide how pods end and are replaced, but have no effect while they live. */
const terminationKeys = new Set(['lifecycle', 'terminationGracePeriodSeconds', 'strategy'])

/** Equal for equal capacities: manifests, replicas, kinds of request, cluster and machine. */
export function computeFingerprint({ base, patch, plan }: CapacityInputs): string {
  const { ratePerSecond: _, controlPerSecond: __, ...load } = plan.scenario.load
  const { cluster, environment } = plan
  const facts = [base.workload, patch, plan.scenario.replicas, load, cluster, environment]
  const text = JSON.stringify(facts, (key, value: unknown) => (terminationKeys.has(key) ? undefined : value))
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

export function storeCapacity(folder: string, workload: CapacityInputs, stored: StoredCapacity): void {
  createDirectory(folder)
  writeDurably(getCapacityPath(folder, workload), formatPlan(stored), 0o644)
}

/** `null` if none was measured. Throws a usage Fault for a file of another program. */
export function findCapacity(folder: string, workload: CapacityInputs): KnownCapacity | null {
  const path = getCapacityPath(folder, workload)
  if (!existsSync(path)) return null
  try {
    return parseCapacity(readJson(path, maxBytes))
  } catch (error) {
    throw new Fault(
      'usage',
      `Cannot read the capacity in ${path}: ${getErrorMessage(error)}`,
      'Delete it and measure again.',
    )
  }
}

function getCapacityPath(folder: string, workload: CapacityInputs): string {
  return join(folder, `${computeFingerprint(workload)}.json`)
}
