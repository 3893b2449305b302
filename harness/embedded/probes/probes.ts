/** One probing of a container (Kubernetes docs, "Configure Liveness, Readiness and Startup Probes"). */
import { connect } from 'node:net'
import { getErrorMessage } from '../../base/fault.ts'
import type { Container, Probe } from '../store/objects.ts'
import type { RunningContainer } from '../runtime/runtime.ts'
import { checkGrpcHealth } from './grpc-check.ts'
import { sendHttpGet, resolveHttpTarget, resolveContainerPort } from './http-get.ts'
import type { HttpTarget } from './http-get.ts'

export interface ProbeTarget {
  container: RunningContainer
  spec: Container
  podIp: string
}
/** A `warning` counts as success and is recorded as ProbeWarning. */
export type ProbeOutcome = { result: 'success' } | { result: 'warning' | 'failure'; message: string }

const userAgent = 'kube-probe/1.34'
const redirectLimit = 10

/** Rejects when the probe itself could not be made; such an outcome is ignored (worker.go, "Prober error"). */
export async function runProbeOnce(probe: Probe, target: ProbeTarget, timeoutMs: number): Promise<ProbeOutcome> {
  if (probe.exec) return await runExecProbe(probe.exec.command ?? [], target, timeoutMs)
  if (probe.httpGet) return await runHttpProbe(probe.httpGet, target, timeoutMs)
  if (probe.tcpSocket) {
    const { host = target.podIp, port } = probe.tcpSocket
    return await runTcpProbe(host, resolveContainerPort(port, target.spec), timeoutMs)
  }
  if (probe.grpc) {
    const { port, service } = probe.grpc
    const authority = `${target.podIp}:${port}`
    const trouble = await checkGrpcHealth({ authority, service: service ?? '', userAgent, timeoutMs })
    return trouble === null ? { result: 'success' } : { result: 'failure', message: trouble }
  }
  return { result: 'failure', message: 'the probe names none of exec, httpGet, tcpSocket and grpc' }
}

async function runExecProbe(command: string[], { container }: ProbeTarget, timeoutMs: number): Promise<ProbeOutcome> {
  const { exitCode, output, timedOut } = await container.exec(command, { timeoutMs })
  if (timedOut) {
    return {
      result: 'failure',
      message: `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeoutMs / 1000}s`,
    }
  }
  return exitCode === 0 ? { result: 'success' } : { result: 'failure', message: output }
}

async function runHttpProbe(
  action: NonNullable<Probe['httpGet']>,
  { spec, podIp }: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  const timeout = AbortSignal.timeout(timeoutMs)
  let request: HttpTarget
  try {
    request = resolveHttpTarget(action, spec, podIp, userAgent)
    for (let redirects = 0; redirects <= redirectLimit; redirects++) {
      const { status, body, location } = await sendHttpGet(request, timeout)
      if (status < 200 || status >= 400) {
        return { result: 'failure', message: `HTTP probe failed with statuscode: ${status}` }
      }
      if (status < 300) return { result: 'success' }
      const next = location === undefined ? undefined : new URL(location, request.url)
      // Redirects to another host are not followed and count as success with a warning (pkg/probe/http).
      if (next?.hostname !== request.url.hostname) {
        return { result: 'warning', message: `Probe terminated redirects, Response body: ${body}` }
      }
      request = { ...request, url: next }
    }
    return { result: 'failure', message: `Get "${request.url.href}": stopped after ${redirectLimit} redirects` }
  } catch (error) {
    return { result: 'failure', message: getErrorMessage(error) }
  }
}

function runTcpProbe(host: string, port: number, timeoutMs: number): Promise<ProbeOutcome> {
  const { promise, resolve } = Promise.withResolvers<ProbeOutcome>()
  const resolveFailure = (why: string): void =>
    resolve({ result: 'failure', message: `dial tcp ${host}:${port}: ${why}` })
  const socket = connect({ host, port, timeout: timeoutMs })
  socket.on('connect', () => resolve({ result: 'success' }))
  socket.on('timeout', () => resolveFailure('i/o timeout'))
  socket.on('error', (error: NodeJS.ErrnoException) =>
    resolveFailure(error.code === 'ECONNREFUSED' ? 'connect: connection refused' : error.message),
  )
  return promise.finally(() => socket.destroy())
}
