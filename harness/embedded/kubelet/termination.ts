/**
 * How a container is stopped: preStop hook, its turn, stop signal, SIGKILL. Follows killContainer of Kubernetes 1.34
 * (pkg/kubelet/kuberuntime/kuberuntime_container.go) and the pod-lifecycle page, "Pod Termination Flow".
 */
import { constants } from 'node:os'
import { monotonicUs } from '../../base/clock.ts'
import type { Container } from '../store/objects.ts'
import type { RunningContainer } from '../runtime/runtime.ts'
import type { Role } from '../containers/container-facts.ts'
import type { GracePeriod } from './grace-period.ts'
import { runHook } from '../containers/hooks.ts'
import type { PodContext } from './pod-context.ts'

export interface StopOptions {
  pod: PodContext
  spec: Container
  container: RunningContainer
  grace: GracePeriod
  /** For the Killing event; default: `Stopping container …`. */
  message?: string
  /** Native sidecars: resolves when everything that depends on this one has ended. */
  turn?: Promise<unknown>
}

/** Resolves when the container has ended. */
export async function stopContainer(options: StopOptions): Promise<void> {
  const { pod, spec, container, grace, turn } = options
  let ended = false
  const exited = container.exited.then(() => (ended = true as const))

  const message = options.message ?? `Stopping container ${spec.name}`
  pod.record({ reason: 'Killing', message, container: spec.name, detail: container.id })

  // The hook runs within the grace period, and not at all if that is 0.
  if (spec.lifecycle?.preStop && grace.remainingSeconds > 0) {
    const left = new AbortController()
    await grace.waitFor(executePreStopHook(options, left.signal))
    // From here on the hook is not awaited; it may run as long as its container does.
    void exited.then(() => left.abort())
  }
  // KEP-753: a sidecar's hook runs together with all others; only its stop signal waits for its turn, within the grace period.
  if (turn) await grace.waitFor(Promise.race([turn, exited]))
  if (ended) return

  sendSignal(options, getStopSignal(spec, container))
  if (!(await grace.waitForExit(exited))) {
    sendSignal(options, 'SIGKILL')
    await exited
  }
}

/**
 * A hook that exceeds the grace period runs until its container ends, so this may settle after the wait is over. A failed hook is recorded
 * and has no other effect: the stop signal follows at once.
 */
async function executePreStopHook({ pod, spec, container }: StopOptions, left: AbortSignal): Promise<void> {
  const { name, lifecycle } = spec
  if (!lifecycle?.preStop) return
  const startedUs = monotonicUs()
  const running = runHook(lifecycle.preStop, { container, spec, podIp: pod.podIp }, left)
  pod.record({
    reason: 'PreStopHookStarted',
    message: `Running the preStop hook of container ${name}`,
    container: name,
    atUs: startedUs,
  })
  const { ok, detail } = await running
  const atUs = monotonicUs()
  const message = `The preStop hook of container ${name} ended: ${detail}`
  pod.record({ reason: 'PreStopHookFinished', message, container: name, detail, atUs })
  if (!ok) {
    pod.record({
      reason: 'FailedPreStopHook',
      message: 'PreStopHook failed',
      type: 'Warning',
      container: name,
      detail,
      atUs,
    })
  }
}

/** KEP-4960: the pod's `lifecycle.stopSignal` overrides the image's STOPSIGNAL, which overrides SIGTERM. */
function getStopSignal(spec: Container, container: RunningContainer): NodeJS.Signals {
  const asked = spec.lifecycle?.stopSignal
  return asked !== undefined && asked in constants.signals ? (asked as NodeJS.Signals) : container.stopSignal
}

function sendSignal({ pod, spec: { name }, container }: StopOptions, signal: NodeJS.Signals): void {
  const atUs = monotonicUs()
  if (!container.signal(signal)) return
  const message = `Sent ${signal} to PID 1 of container ${name}`
  pod.record({ reason: 'StopSignalSent', message, container: name, detail: signal, atUs })
}

export interface Stoppable {
  role: Role
  stop: (turn: Promise<unknown> | undefined) => Promise<void>
}

/**
 * Stops all containers at once, but for the native sidecars, which get their stop signal in reverse order once the last main container has
 * ended (KEP-753, "Termination of containers"; newTerminationOrdering). A running init container is not awaited. `stoppables` are in the
 * order of the spec: init containers and sidecars, then main ones.
 */
export async function stopContainers(stoppables: Stoppable[]): Promise<void> {
  const stops = stoppables
    .filter(({ role }) => role !== 'sidecar')
    .map(({ role, stop }) => ({ role, end: stop(undefined) }))
  const ends = stops.map(({ end }) => end)
  let turn: Promise<unknown> = Promise.all(stops.filter(({ role }) => role === 'main').map(({ end }) => end))
  for (const { stop } of stoppables.filter(({ role }) => role === 'sidecar').toReversed()) {
    const end = stop(turn)
    ends.push(end)
    turn = Promise.all([turn, end])
  }
  await Promise.all(ends)
}
