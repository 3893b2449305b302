/** One pod's life on its node, from its binding until its object is gone. */
import { rm } from 'node:fs/promises'
import { getErrorMessage } from '../../base/fault.ts'
import { monotonicUs } from '../../base/clock.ts'
import { sampleQuantiles } from '../distribution.ts'
import type { Container, Pod, Stored } from '../store/objects.ts'
import type { Sandbox } from '../runtime/runtime.ts'
import type { ContainerFacts } from '../containers/container-facts.ts'
import { ContainerLifecycle } from '../containers/container-lifecycle.ts'
import { getVolumesDirectory } from '../containers/container-start.ts'
import { CounterWatcher } from './counter-watcher.ts'
import { GracePeriod } from './grace-period.ts'
import type { PodContext } from './pod-context.ts'
import { generateSandboxConfig } from '../containers/sandbox-config.ts'
import { generateApiPodStatus } from './pod-status.ts'
import { stopContainers } from './termination.ts'
import { waitForAbort, sleepUnlessAborted, sleepUntil } from './timing.ts'
import { mountVolumes, unmountVolumes } from './volumes.ts'
import { formatSeconds } from './kubernetes-time.ts'

/** The delay before a failed sandbox or volume is tried again. */
const retryUs = 2_000_000

export class PodWorker {
  /** Resolves when nothing of the pod is left on the node. */
  readonly done: Promise<void>
  readonly #context: PodContext
  readonly #counters: CounterWatcher
  readonly #startTime: string = formatSeconds(monotonicUs())
  readonly #ending = new AbortController()
  /** The API has accepted a deletion, or the object is gone already. */
  readonly #deleted = new AbortController()
  /** The cluster is shutting down. */
  readonly #destroyed = new AbortController()
  /** Containers of the spec, in its order: init containers and sidecars, then main ones. */
  readonly #inits: ContainerLifecycle[]
  readonly #mains: ContainerLifecycle[]
  #grace: GracePeriod | undefined
  /** Whether all containers have ended; only the pod's object is left then. */
  #ended = false
  #cleaned = false
  #removal: Promise<void> | undefined

  constructor(context: PodContext) {
    this.#context = context
    this.#counters = new CounterWatcher(context)
    const { initContainers = [], containers = [] } = context.pod.spec ?? {}
    this.#inits = initContainers.map((spec) =>
      this.#createLifecycle(spec, spec.restartPolicy === 'Always' ? 'sidecar' : 'init'),
    )
    this.#mains = containers.map((spec) => this.#createLifecycle(spec, 'main'))
    this.update(context.pod)
    this.done = this.#run().catch((error: unknown) => this.#warn('FailedKillPod', getErrorMessage(error)))
  }

  /** Takes a new version of the object. Called from the store's listener, so that a deletion is seen at once. */
  update(pod: Stored<Pod>): void {
    const atUs = monotonicUs()
    this.#context.pod = pod
    const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata
    if (deletionTimestamp === undefined) {
      // Conditions of readiness gates are written by other components and change the pod's readiness.
      if (pod.spec?.readinessGates && this.#context.sandbox) this.#publish()
      return
    }
    this.#beginTermination(deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30, atUs)
    this.#deleted.abort()
    // The writer that removes the last finalizer may remove the object right after it, so this checks again later.
    if (this.#cleaned) queueMicrotask(() => this.#removeObject())
  }

  /**
   * The object is gone; unless the kubelet has removed it itself, by force. "Pods that are set to terminate immediately will still be given
   * a small grace period before being force killed" (pod-lifecycle page, "Forced Pod termination"): no hook, stop signal, SIGKILL 2 s
   * later.
   */
  handleRemoval(): void {
    this.#beginTermination(0, monotonicUs())
    this.#deleted.abort()
  }

  /** The cluster is shutting down: nothing is recorded or waited for. */
  async destroy(): Promise<void> {
    this.#context.telling = false
    this.#destroyed.abort()
    this.handleRemoval()
    await this.#removeSandbox()
    await this.done
  }

  async #run(): Promise<void> {
    try {
      // The store's listener, which may have created this worker, has more pods to notify.
      await Promise.resolve()
      const sandbox = await this.#prepare()
      if (sandbox && (await this.#initialize(sandbox))) await this.#runMains(sandbox)
    } catch (error) {
      this.#warn('FailedSync', `error determining status: ${getErrorMessage(error)}`)
    }
    await this.#terminate()
    await waitForAbort(this.#deleted.signal)
    this.#removeObject()
  }

  /** Makes volumes and sandbox; undefined when the pod is to end first. */
  async #prepare(): Promise<Sandbox | undefined> {
    const { runtime, pod, node, lag } = this.#context
    this.#publish()
    await sleepUnlessAborted(sampleQuantiles(lag.prepareMs), this.#ending.signal)
    while (!this.#ending.signal.aborted) {
      try {
        this.#context.sandbox ??= await runtime.createSandbox(generateSandboxConfig(pod, node.index))
        const { podIp } = this.#context
        const findConfigMap = (name: string): ReturnType<PodContext['getConfigMap']> => this.#context.getConfigMap(name)
        const sources = { pod, podIp, hostIp: node.address, configMap: findConfigMap }
        await mountVolumes(getVolumesDirectory(this.#context), sources, runtime)
        // The address is not published here: a kubelet's next status of the pod comes once it has seen a container start.
        return this.#context.sandbox
      } catch (error) {
        if (this.#context.sandbox) this.#warn('FailedMount', getErrorMessage(error))
        else this.#warn('FailedCreatePodSandBox', `Failed to create pod sandbox: ${getErrorMessage(error)}`)
        await sleepUntil(monotonicUs() + retryUs, this.#ending.signal)
      }
    }
    return undefined
  }

  /**
   * Init containers run one after another, each until it succeeds; a sidecar only has to start (KEP-753; Kubernetes docs, "Init
   * Containers"). False when the main containers must not start.
   */
  async #initialize(sandbox: Sandbox): Promise<boolean> {
    for (const init of this.#inits) {
      const run = init.run(sandbox)
      if (init.facts.role === 'sidecar') await Promise.race([init.started, waitForAbort(this.#ending.signal)])
      else await run
      if (this.#ending.signal.aborted) return false
      if (init.facts.role === 'init' && init.facts.state.terminated?.exitCode !== 0) return false
    }
    return true
  }

  /**
   * Main containers are started in the order of the spec without waiting for readiness, but each only after the
   * postStart hook of the one before it (SyncPod starts them one by one; KEP-753, "postStart hook being a blocking
   * call"). Resolves when none of them will run again, or when the pod is to end.
   */
  async #runMains(sandbox: Sandbox): Promise<void> {
    const runs: Promise<void>[] = []
    for (const main of this.#mains) {
      if (this.#ending.signal.aborted) break
      runs.push(main.run(sandbox))
      await Promise.race([main.launched, waitForAbort(this.#ending.signal)])
    }
    await Promise.all(runs)
  }

  /** Pod-lifecycle page, "Pod Termination Flow", step 4: containers, last status, sandbox. */
  async #terminate(): Promise<void> {
    const { directory, pod, lag } = this.#context
    // Without a deletion, the main containers of the pod have ended, and only sidecars are left to stop.
    const grace = (this.#grace ??= new GracePeriod(pod.spec?.terminationGracePeriodSeconds ?? 30, monotonicUs()))
    this.#ending.abort()
    const stoppables = this.#listLifecycles().map((lifecycle) => ({
      role: lifecycle.facts.role,
      stop: (turn: Promise<unknown> | undefined) => lifecycle.stop(grace, turn),
    }))
    await stopContainers(stoppables)
    // The kubelet stops the sandbox, and its network, before it reports that the containers have ended (SyncTerminatingPod: killPod, then
    // SetPodStatus).
    await sleepUnlessAborted(sampleQuantiles(lag.networkStandsMs), this.#destroyed.signal)
    this.#counters.stop()
    await this.#removeSandbox()
    this.#context.sandbox = undefined
    for (const lifecycle of this.#listLifecycles()) lifecycle.publishTermination()
    this.#ended = true
    this.#publish()
    await unmountVolumes(getVolumesDirectory(this.#context), pod, this.#context.runtime)
    await rm(directory, { recursive: true, force: true })
    this.#cleaned = true
  }

  #removeSandbox(): Promise<void> {
    const { sandbox, runtime } = this.#context
    if (!sandbox) return Promise.resolve()
    return (this.#removal ??= runtime.removeSandbox(sandbox).catch((error: unknown) => {
      this.#warn('FailedKillPod', `error killing pod: ${getErrorMessage(error)}`)
    }))
  }

  /** Removes the object, unless it still has finalizers or is another one by now. */
  #removeObject(): void {
    const { store, stored, namespace, logs, pod } = this.#context
    const { name, uid } = pod.metadata
    if (!this.#context.telling) return
    if (stored && (stored.metadata.finalizers ?? []).length > 0) {
      // The kubelet's own delete has grace 0; the API server removes the object with its last finalizer.
      store.modify('pods', name, namespace, ({ metadata }) => {
        metadata.deletionGracePeriodSeconds = 0
      })
      return
    }
    if (stored) store.remove('pods', name, namespace)
    logs.removePod(uid)
  }

  /**
   * The first period counts: a kubelet that is stopping containers ignores updates (kubelet.go, SyncTerminatingPod, still not connected
   * with the pod worker's context), so a later, shorter one changes only the API object.
   */
  #beginTermination(graceSeconds: number, fromUs: number): void {
    this.#grace ??= new GracePeriod(graceSeconds, fromUs)
    this.#ending.abort()
  }

  #listLifecycles(): ContainerLifecycle[] {
    return [...this.#inits, ...this.#mains]
  }

  #createLifecycle(spec: Container, role: ContainerFacts['role']): ContainerLifecycle {
    const { signal: ending } = this.#ending
    return new ContainerLifecycle({ pod: this.#context, spec, role, ending, changed: () => this.#publish() })
  }

  #warn(reason: string, message: string): void {
    this.#context.record({ reason, message, type: 'Warning' })
  }

  #publish(): void {
    const { store, stored, namespace, node, sandbox, telling } = this.#context
    if (!stored || !telling) return
    const status = generateApiPodStatus({
      pod: stored,
      now: formatSeconds(monotonicUs()),
      startTime: this.#startTime,
      hostIp: node.address,
      podIp: sandbox?.ip,
      containers: this.#listLifecycles().map(({ facts }) => facts),
      ended: this.#ended,
    })
    store.modify('pods', stored.metadata.name, namespace, (draft) => {
      draft.status = status
    })
  }
}
