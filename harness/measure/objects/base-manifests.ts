/** The objects under `base/`: those that all configurations share, the control pod, and the drivers' Job. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { KubernetesObject, V1Job, V1Pod, V1ResourceRequirements } from '@kubernetes/client-node'
import { Fault } from '../../base/fault.ts'
import { readObjects } from '../../plan/objects.ts'
import type { RunOptions } from '../../run/run-options.ts'

/** Options for the drivers' pods. */
export interface DriverPodOptions {
  /** Replaces their own image. */
  driverImage?: string
  /** Number of whole cores for each. */
  driverCpu?: number
  /** Whether a pod on each of their nodes reads its connection tracking, if there is no other way. */
  connectionTracking?: boolean
}

/** The objects that all configurations share, the pod that nothing disrupts, and the drivers' Job. */
export function readBaseManifests(
  manifests: string,
  { driverImage, driverCpu, connectionTracking = false }: DriverPodOptions = {},
): RunOptions['base'] {
  const readBaseFile = (file: string): KubernetesObject[] => readObjects(join(manifests, 'base', file))
  const [driver] = readBaseFile('driver.yaml') as V1Job[]
  const container = driver?.spec?.template?.spec?.containers?.[0]
  if (driver?.kind !== 'Job' || !container) {
    throw new Fault('usage', `Cannot use ${join(manifests, 'base', 'driver.yaml')}: it must be a Job with a container`)
  }
  if (driverImage !== undefined) container.image = driverImage
  if (driverCpu !== undefined) container.resources = buildGuaranteedResources(driverCpu)
  const base = { workload: readBaseFile('web.yaml'), control: readBaseFile('control.yaml'), driver }
  if (!connectionTracking) return base
  const [tracking] = readBaseFile(trackingFile) as V1Pod[]
  if (tracking?.kind !== 'Pod' || !tracking.spec?.containers[0]) {
    throw new Fault('usage', `Cannot use ${join(manifests, 'base', trackingFile)}: it must be a Pod with a container`)
  }
  return { ...base, tracking }
}

/** Throws a usage Fault if the drivers of a cluster on this machine would get less of its cores than they request. */
export function rejectTooManyDrivers(drivers: number, job: KubernetesObject, cores = availableParallelism()): void {
  const { resources } = (job as V1Job).spec?.template.spec?.containers[0] ?? {}
  const each = parseCores(resources?.requests?.['cpu'] ?? '0')
  if (drivers === 1 || !(drivers * each > cores)) return
  const there = cores === 1 ? 'there is 1' : `there are ${cores}`
  throw new Fault(
    'usage',
    `Cannot run ${drivers} drivers on this machine: each asks for ${each} of its cores, of which ${there}`,
  )
}

/** `500m` is half a core. */
function parseCores(quantity: string): number {
  return quantity.endsWith('m') ? Number(quantity.slice(0, -1)) / 1000 : Number(quantity)
}

const trackingFile = 'connection-tracking.yaml'

/** The maximum was 160 MiB, at 5,000 requests/s with 70,000 records unread, or with 10,000 requests in flight. */
const driverMemory = '512Mi'

/**
 * Gives the class Guaranteed: requests equal limits. If the kubelet's CPU manager has the policy `static`, no other pod runs on these cores
 * (https://kubernetes.io/docs/tasks/administer-cluster/cpu-management-policies/).
 */
function buildGuaranteedResources(cores: number): V1ResourceRequirements {
  const amounts = { cpu: String(cores), memory: driverMemory }
  return { requests: amounts, limits: amounts }
}
