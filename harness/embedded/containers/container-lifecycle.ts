/** One container of a pod from its first start to its last end: starts, hooks, probes, restarts. */
import { monotonicUs } from '../../base/clock.ts'
import { sampleQuantiles } from '../distribution.ts'
import type { Container } from '../store/objects.ts'
import type { ExitStatus, RunningContainer, Sandbox } from '../runtime/runtime.ts'
import { BackOff, formatGoDuration, shouldRestart } from './back-off.ts'
import { formatContainerId, createContainerFacts, setState, createTerminatedState } from './container-facts.ts'
import type { ContainerFacts, Role, Terminated } from './container-facts.ts'
import { startContainer } from './container-start.ts'
import type { StartFailure } from './container-start.ts'
import { GracePeriod } from '../kubelet/grace-period.ts'
import { runHook } from './hooks.ts'
import { PullBackOff } from '../kubelet/image-pull.ts'
import { ContainerLog } from './logs.ts'
import type { PodContext } from '../kubelet/pod-context.ts'
import { ProbeSet } from '../probes/probe-set.ts'
import { stopContainer } from '../kubelet/termination.ts'
import { waitForAbort, sleepUnlessAborted, sleepUntil } from '../kubelet/timing.ts'
import { formatSeconds } from '../kubelet/kubernetes-time.ts'

export interface LifecycleOptions {
  pod: PodContext
  spec: Container
  role: Role
  /** Aborted once the pod is to end: nothing is started from then on. */
  ending: AbortSignal
  /** Called whenever the facts have changed. */
  changed: () => void
}
type PullFailure = { kind: 'not-pulled'; message: string }
/** The result of one attempt to run the container. */
type Attempt = { kind: 'exited'; exitCode: number; atUs: number } | { kind: 'not-created' | 'pod-ending' } | PullFailure

/** The kubelet retries a pod that it could not run after about this long (backOffPeriod, kubelet.go). */
const retryUs = 10_000_000

export class ContainerLifecycle {
  readonly spec: Container
  readonly facts: ContainerFacts
  /** Resolves after the first attempt to start, including its postStart hook, with any result. */
  readonly launched: Promise<void>
  /** Resolves when the container has started, by its startup probe. */
  readonly started: Promise<void>
  readonly #options: LifecycleOptions
  readonly #launching = Promise.withResolvers<void>()
  readonly #starting = Promise.withResolvers<void>()
  readonly #podEnding: Promise<void>
  readonly #backOff = new BackOff()
  readonly #pulls = new PullBackOff()
  #starts = 0
  #running: RunningContainer | undefined
  #probes: ProbeSet | undefined
  #stopping: { grace: GracePeriod; done: Promise<void> } | undefined
  /** How it ended while the pod was being stopped. */
  #unpublished: Terminated | undefined

  constructor(options: LifecycleOptions) {
    const { pod, spec, role, ending } = options
    this.#options = options
    this.spec = spec
    this.launched = this.#launching.promise
    this.started = this.#starting.promise
    this.#podEnding = waitForAbort(ending).then(() => this.#probes?.stopLiveness())
    this.facts = createContainerFacts(spec, role, pod.pod)
  }

  /**
   * Runs the container until it has ended and will not be restarted, or until the pod begins to end: a running container is then left to
   * `stop`.
   */
  async run(sandbox: Sandbox): Promise<void> {
    const { ending } = this.#options
    while (!ending.aborted) {
      const attempt = await this.#attempt(sandbox)
      this.#launching.resolve()
      if (attempt.kind === 'pod-ending') return
      if (attempt.kind === 'not-created') await sleepUntil(monotonicUs() + retryUs, ending)
      if (attempt.kind === 'not-pulled') await this.#waitToPull(attempt.message)
      if (attempt.kind !== 'exited') continue
      if (!this.#shouldRestart(attempt.exitCode)) return
      await this.#waitBeforeRestart(attempt.atUs)
    }
  }

  /** Stops the container if it runs; `turn` as in `stopContainer`. */
  async stop(grace: GracePeriod, turn: Promise<unknown> | undefined): Promise<void> {
    const container = this.#running
    if (!container) return
    // A container that a failed probe is already stopping gets no second hook, and no more time than the pod has.
    if (!this.#stopping) return this.#beginStop(container, { grace, ...(turn && { turn }) })
    this.#stopping.grace.shorten(grace.remainingSeconds, monotonicUs())
    await this.#stopping.done
  }

  /** The whole pod has been stopped: shows how this container ended. */
  publishTermination(): void {
    this.#probes?.stop()
    if (this.#unpublished) setState(this.facts, { terminated: this.#unpublished })
  }

  async #attempt(sandbox: Sandbox): Promise<Attempt> {
    const { pod, ending, changed } = this.#options
    const log = new ContainerLog()
    const outcome = await startContainer(this.spec, pod, sandbox, log)
    if ('failure' in outcome) return this.#recordStartFailure(outcome.failure)
    const { container } = outcome
    pod.logs.add(pod.pod.metadata.uid, this.spec.name, log)
    this.#running = container
    this.facts.restarts = this.#starts++
    this.facts.id = formatContainerId(container)
    const exited = container.exited.then((exit): Attempt => {
      this.#recordExit(container, exit, log)
      return { kind: 'exited', exitCode: exit.exitCode, atUs: exit.atUs }
    })
    const podEnding = this.#podEnding.then((): Attempt => ({ kind: 'pod-ending' }))
    const early = await Promise.race([this.#runPostStartHook(container), exited, podEnding])
    this.#launching.resolve()
    const sooner =
      early ??
      (await Promise.race([sleepUnlessAborted(sampleQuantiles(pod.lag.startSeenMs), ending), exited, podEnding]))
    if (!sooner && this.#running === container && !ending.aborted) {
      setState(this.facts, { running: { startedAt: formatSeconds(container.startedAtUs) } })
      this.#startProbes(container)
      changed()
    }
    return Promise.race([exited, podEnding])
  }

  /** A container whose postStart hook fails is killed (Kubernetes docs, "Container Lifecycle Hooks"). */
  async #runPostStartHook(container: RunningContainer): Promise<undefined> {
    const { pod } = this.#options
    const { name, lifecycle } = this.spec
    if (!lifecycle?.postStart) return
    const gone = new AbortController()
    void container.exited.then(() => gone.abort())
    const { ok } = await runHook(lifecycle.postStart, { container, spec: this.spec, podIp: pod.podIp }, gone.signal)
    if (ok || this.#running !== container) return
    pod.record({ reason: 'FailedPostStartHook', message: 'PostStartHook failed', type: 'Warning', container: name })
    await this.#kill(container, 'FailedPostStartHook')
  }

  #startProbes(container: RunningContainer): void {
    const { pod, changed } = this.#options
    const { facts, spec } = this
    this.#probes = new ProbeSet({
      pod,
      spec,
      container,
      onStarted: () => {
        facts.started = true
        this.#starting.resolve()
        changed()
      },
      onReady: (ready) => {
        if (facts.ready === ready) return
        facts.ready = ready
        changed()
      },
      onUnhealthy: (kind) => {
        const after = this.#shouldRestart(137) ? ', will be restarted' : ''
        const { terminationGracePeriodSeconds } = spec[`${kind}Probe`] ?? {}
        void this.#kill(container, `Container ${spec.name} failed ${kind} probe${after}`, terminationGracePeriodSeconds)
      },
    })
    this.#probes.start()
  }

  /** Stops only this container, with its hook and the grace period of the pod or of the probe. */
  async #kill(container: RunningContainer, message: string, graceSeconds?: number): Promise<void> {
    if (this.#stopping || this.#options.ending.aborted) return
    const seconds = graceSeconds ?? this.#options.pod.pod.spec?.terminationGracePeriodSeconds ?? 30
    await this.#beginStop(container, { grace: new GracePeriod(seconds, monotonicUs()), message })
  }

  #beginStop(
    container: RunningContainer,
    options: { grace: GracePeriod; turn?: Promise<unknown>; message?: string },
  ): Promise<void> {
    const done = stopContainer({ ...options, pod: this.#options.pod, spec: this.spec, container })
    this.#stopping = { grace: options.grace, done }
    return done
  }

  #recordExit(container: RunningContainer, exit: ExitStatus, log: ContainerLog): void {
    const { pod, ending, changed } = this.#options
    const { exitCode, atUs } = exit
    this.#running = undefined
    const message = `Container ${this.spec.name} exited with code ${exitCode}`
    pod.record({ reason: 'ContainerExited', message, container: this.spec.name, detail: String(exitCode), atUs })
    log.close()
    const terminated = createTerminatedState(container, exit)
    if (ending.aborted) {
      // While the kubelet stops a pod it does not refresh its containers' states (KEP-4438: "while the pod is terminating the kubelet does
      // not refresh pod status"); readiness probes continue, and soon fail.
      this.#unpublished = terminated
      return
    }
    this.#stopping = undefined
    this.#probes?.stop()
    setState(this.facts, { terminated })
    changed()
  }

  #recordStartFailure({ reason, message }: StartFailure): Attempt {
    const { changed } = this.#options
    const atUs = monotonicUs()
    if (reason !== 'StartError') {
      setState(this.facts, { waiting: { reason, message } })
      changed()
      return reason === 'ErrImagePull' ? { kind: 'not-pulled', message } : { kind: 'not-created' }
    }
    // Created but not executable: it counts as a run with exit code 128, as with containerd.
    this.facts.restarts = this.#starts++
    const time = formatSeconds(atUs)
    setState(this.facts, { terminated: { exitCode: 128, reason, message, startedAt: time, finishedAt: time } })
    changed()
    return { kind: 'exited', exitCode: 128, atUs }
  }

  #shouldRestart(exitCode: number): boolean {
    const { pod, role } = this.#options
    return shouldRestart(role, pod.pod.spec?.restartPolicy, exitCode)
  }

  #waitToPull(message: string): Promise<void> {
    const { pod, ending, changed } = this.#options
    return this.#pulls.wait(this.spec, { message, pod, ending }, (waiting) => {
      setState(this.facts, { waiting })
      changed()
    })
  }

  async #waitBeforeRestart(endedUs: number): Promise<void> {
    const { pod, ending, changed } = this.#options
    const { name } = this.facts
    const delayMs = this.#backOff.delayMs(endedUs)
    if (delayMs > 0 && !ending.aborted) {
      const message = `back-off ${formatGoDuration(delayMs)} restarting failed container=${name} pod=${pod.title}`
      setState(this.facts, { waiting: { reason: 'CrashLoopBackOff', message } })
      changed()
      const told = `Back-off restarting failed container ${name} in pod ${pod.title}`
      pod.record({ reason: 'BackOff', message: told, type: 'Warning', container: name })
      await sleepUntil(endedUs + delayMs * 1000, ending)
    }
    this.#backOff.recordRestart(endedUs, monotonicUs())
  }
}
