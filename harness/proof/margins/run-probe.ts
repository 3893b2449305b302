/** A probe that stands where the driver of a run stands: in the network of its pod, on this machine. Takes root. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { V1Pod, V1Service } from '@kubernetes/client-node'
import { pause } from '../../base/polling.ts'
import { connectApi } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { listDrivers } from '../capture/tcpdump.ts'
import type { ProbeAttempt, ProbeTarget } from './attempt.ts'

export const serviceTarget = 'service'
const directEveryMs = 5
/** One of two pods gets each connection: from one to the next that the leaving pod gets it takes twice as long. */
const serviceEveryMs = 3
const lookEveryMs = 100
const workloadSelector = 'app=web'
const frontPort = 8080

/** From the start of the next driver on, until `signal` aborts. Gives what it met, the attempts at each pod's own address under its name. */
export async function probeNextDriver(kubeconfig: string, signal: AbortSignal): Promise<ProbeAttempt[]> {
  const api = connectApi(kubeconfig)
  const known = new Set(listDrivers())
  try {
    const driver = await waitForDriver(known, signal)
    const targets = driver === null ? [] : await listTargets(api)
    return driver === null ? [] : await runProbe(driver, targets, signal)
  } finally {
    api.close()
  }
}

async function waitForDriver(known: ReadonlySet<number>, signal: AbortSignal): Promise<number | null> {
  while (!signal.aborted) {
    const found = listDrivers().find((pid) => !known.has(pid))
    if (found !== undefined) return found
    await pause(lookEveryMs, signal)
  }
  return null
}

/** The Service of the workload, and its pods as they are now: those that will leave. */
async function listTargets(api: KubeApi): Promise<ProbeTarget[]> {
  const asked = { labelSelector: workloadSelector }
  const { items: services } = await api.core.listServiceForAllNamespaces(asked)
  const { items: pods } = await api.core.listPodForAllNamespaces(asked)
  return [...services.flatMap(toServiceTarget), ...pods.flatMap(toPodTarget)]
}

function toServiceTarget({ spec }: V1Service): ProbeTarget[] {
  const [host, port] = [spec?.clusterIP, spec?.ports?.[0]?.port]
  if (host === undefined || port === undefined) return []
  return [{ name: serviceTarget, host, port, everyMs: serviceEveryMs, asks: true }]
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
