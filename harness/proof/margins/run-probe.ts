/** A probe in the network of a run's driver pod, on this machine. Needs root. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { V1Pod, V1Service } from '@kubernetes/client-node'
import { waitFor } from '../../base/polling.ts'
import { connectApi } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { listDrivers } from '../capture/tcpdump.ts'
import { findNetworkNamespaces, isStartedWithin } from '../wire/network-namespaces.ts'
import type { ProbeAttempt, ProbeTarget } from './attempt.ts'
import type { MarginTraffic } from './traffic.ts'

export const serviceTarget = 'service'
const directEveryMs = 5
/** On kind, images are loaded and the driver is ready before there are pods. */
const startLimitMs = 120_000
const workloadSelector = 'app=web'
const frontPort = 8080

/**
 * Probes from when the cluster's next driver and a pod exist until `signal` aborts; rejects if they do not come. Returns the attempts,
 * those at each pod's own address under its name.
 */
export async function probeNextDriver(
  cluster: Cluster,
  { probeEveryMs }: MarginTraffic,
  signal: AbortSignal,
): Promise<ProbeAttempt[]> {
  const namespaces = await findNetworkNamespaces(cluster)
  const api = connectApi(cluster.kubeconfig)
  const known = new Set(listDrivers())
  try {
    const isNext = (pid: number): boolean => !known.has(pid) && isStartedWithin(pid, namespaces)
    const waiting = { limitMs: startLimitMs, signal }
    const driver = await waitFor('the driver', waiting, () => listDrivers().find(isNext))
    const targets = await waitFor('a pod of the workload that is ready', waiting, () => listTargets(api, probeEveryMs))
    return await runProbe(driver, targets, signal)
  } finally {
    api.close()
  }
}

/** The Service of the workload, and its pods, as soon as they are ready: those that will leave. */
async function listTargets(api: KubeApi, serviceEveryMs: number): Promise<ProbeTarget[] | undefined> {
  const asked = { labelSelector: workloadSelector }
  const { items: services } = await api.core.listServiceForAllNamespaces(asked)
  const { items: pods } = await api.core.listPodForAllNamespaces(asked)
  const ready = pods.filter(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  )
  return ready.length > 0
    ? [...services.flatMap((service) => toServiceTarget(service, serviceEveryMs)), ...ready.flatMap(toPodTarget)]
    : undefined
}

function toServiceTarget({ spec }: V1Service, everyMs: number): ProbeTarget[] {
  const [host, port] = [spec?.clusterIP, spec?.ports?.[0]?.port]
  if (host === undefined || port === undefined) return []
  return [{ name: serviceTarget, host, port, everyMs, asks: true }]
}

function toPodTarget({ metadata, status }: V1Pod): ProbeTarget[] {
  const [name, host] = [metadata?.name, status?.podIP]
  if (name === undefined || host === undefined) return []
  return [{ name, host, port: frontPort, everyMs: directEveryMs, asks: false }]
}

async function runProbe(driver: number, targets: readonly ProbeTarget[], signal: AbortSignal): Promise<ProbeAttempt[]> {
  const argv = [`--net=/proc/${driver}/ns/net`, process.execPath, join(import.meta.dirname, 'probe.ts')]
  const child: ChildProcess = spawn('nsenter', argv, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const attempts: ProbeAttempt[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => attempts.push(JSON.parse(line) as ProbeAttempt))
  for (const target of targets) child.stdin!.write(`${JSON.stringify(target)}\n`)
  const stopProbe = (): void => void child.stdin!.end()
  if (signal.aborted) stopProbe()
  signal.addEventListener('abort', stopProbe, { once: true })
  await ended
  return attempts
}
