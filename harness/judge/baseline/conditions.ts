/** The conditions of two comparisons, and which of their figures may therefore be compared. */
import type { Conditions, LoadConditions } from '../../model/baseline/baseline.ts'
import type { Environment } from '../../model/plan.ts'

export interface Comparability {
  /** The differences in machine, cluster, nodrop or load, such as `kernel 6.8.0 → 6.11.0`. */
  differs: string[]
  /** Images of the workload that differ: they are under test, so they withhold nothing. */
  images: string[]
  /** `rounds`: only whether a round lost requests; `counts`: also how many. */
  losses: 'counts' | 'rounds'
  /** Latencies and margins. */
  times: boolean
}

const environmentNames: Record<keyof Environment, string> = {
  kernel: 'kernel',
  cpus: 'CPUs',
  cpuModel: 'CPU',
  kubernetes: 'Kubernetes',
  nodrop: 'nodrop',
  node: 'Node',
  coresAwake: 'cores kept awake',
  driverBefore: 'the driver goes before',
}

const loadNames: Required<Record<keyof LoadConditions, string>> = {
  ratePerSecond: 'requests per second',
  connections: 'connections in flight',
  drivers: 'drivers',
  replicas: 'replicas',
  via: 'way of the load',
  shares: 'lanes',
  workMs: 'ms of work',
  thinkMs: 'ms of think time',
  timeoutMs: 'ms of time-out',
  path: 'path',
  requests: 'requests',
  responseBytes: 'bytes of an answer',
  connectTimeoutMs: 'ms of time-out to connect',
  bodyTimeoutMs: 'ms of time-out for a body',
  reuse: 'kept connections',
  tls: 'TLS',
  steps: 'steps',
}

/**
 * A pod that is ended too early loses requests on every machine. How many depends on the load, and how late the others are depends on all
 * conditions.
 */
export function compareConditions(before: Conditions, after: Conditions): Comparability {
  const machine = [
    ...listDifferences({ cluster: before.cluster }, { cluster: after.cluster }, { cluster: 'cluster' }),
    ...listDifferences(before.environment, after.environment, environmentNames),
  ]
  const isTold = (key: keyof LoadConditions): boolean => before.load[key] !== undefined && after.load[key] !== undefined
  const told = Object.fromEntries(Object.entries(loadNames).filter(([key]) => isTold(key as keyof LoadConditions)))
  const load = listDifferences(before.load, after.load, told)
  return {
    differs: [...machine, ...load],
    images: listImageDifferences(before.images, after.images),
    losses: load.length === 0 ? 'counts' : 'rounds',
    times: machine.length + load.length === 0,
  }
}

function listDifferences<T extends object>(before: T, after: T, names: Partial<Record<keyof T, string>>): string[] {
  return (Object.keys(names) as (keyof T)[]).flatMap((key) =>
    before[key] === after[key] ? [] : [`${names[key]} ${formatValue(before[key])} → ${formatValue(after[key])}`],
  )
}

function formatValue(value: unknown): string {
  if (value === undefined || value === null) return 'none'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** By name where both have the image; an image without a digest is identified by its name alone. */
function listImageDifferences(before: Conditions['images'], after: Conditions['images']): string[] {
  const was = new Map(before.map(({ name, digest }) => [name, digest]))
  const is = new Map(after.map(({ name, digest }) => [name, digest]))
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => {
    if (!is.has(name)) return [`image ${name} is gone`]
    if (!was.has(name)) return [`image ${name} is new`]
    const [from = null, to = null] = [was.get(name), is.get(name)]
    if (from === null || to === null || from === to) return []
    return [`image ${name} ${shortenDigest(from)} → ${shortenDigest(to)}`]
  })
}

function shortenDigest(digest: string): string {
  return digest.replace(/^(sha256:.{12}).*$/, '$1')
}
