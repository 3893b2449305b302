/** The probes of one running container, and how they depend on each other. */
import type { Container, Probe } from '../store/objects.ts'
import type { RunningContainer } from '../runtime/runtime.ts'
import type { PodContext } from '../kubelet/pod-context.ts'
import { probeUntil } from './probe-worker.ts'
import { runProbeOnce } from './probes.ts'

export interface ProbeSetOptions {
  pod: PodContext
  spec: Container
  container: RunningContainer
  onStarted: () => void
  onReady: (ready: boolean) => void
  /** The container must be killed. */
  onUnhealthy: (kind: 'startup' | 'liveness') => void
}
type ProbeKind = 'startup' | 'readiness' | 'liveness'

export class ProbeSet {
  readonly #options: ProbeSetOptions
  /** Startup and liveness probes stop when the pod begins to end; readiness probes go on (worker.go, doProbe). */
  readonly #killing = new AbortController()
  readonly #startup = new AbortController()
  readonly #readiness = new AbortController()

  constructor(options: ProbeSetOptions) {
    this.#options = options
  }

  /** Readiness and liveness wait for the startup probe (Kubernetes docs, "Types of probe"). */
  start(): void {
    const { startupProbe } = this.#options.spec
    if (!startupProbe) return this.#containerStarted()
    this.#startProbe(
      'startup',
      startupProbe,
      AbortSignal.any([this.#killing.signal, this.#startup.signal]),
      (healthy) => {
        this.#startup.abort()
        if (healthy) this.#containerStarted()
        else this.#options.onUnhealthy('startup')
      },
    )
  }

  stopLiveness(): void {
    this.#killing.abort()
  }

  stop(): void {
    this.#killing.abort()
    this.#readiness.abort()
  }

  #containerStarted(): void {
    const { spec, onStarted, onReady, onUnhealthy } = this.#options
    onStarted()
    if (spec.readinessProbe) this.#startProbe('readiness', spec.readinessProbe, this.#readiness.signal, onReady)
    else onReady(true)
    if (!spec.livenessProbe) return
    this.#startProbe('liveness', spec.livenessProbe, this.#killing.signal, (healthy) => {
      if (healthy) return
      // Suspended until there is a new container (worker.go, onHold).
      this.#killing.abort()
      onUnhealthy('liveness')
    })
  }

  #startProbe(kind: ProbeKind, probe: Probe, signal: AbortSignal, onVerdict: (healthy: boolean) => void): void {
    const { pod, spec, container } = this.#options
    const title = `${kind.charAt(0).toUpperCase()}${kind.slice(1)} probe`
    void probeUntil(
      {
        probe,
        containerStartedUs: container.startedAtUs,
        probeOnce: (timeoutMs) => runProbeOnce(probe, { container, spec, podIp: pod.podIp }, timeoutMs),
        onTrouble: ({ result, message }) => {
          const [reason, what] = result === 'failure' ? ['Unhealthy', 'failed'] : ['ProbeWarning', 'warning']
          pod.record({ reason, message: `${title} ${what}: ${message}`, type: 'Warning', container: spec.name })
        },
        onVerdict,
      },
      signal,
    )
  }
}
