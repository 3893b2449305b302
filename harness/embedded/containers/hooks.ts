/** Lifecycle hooks: postStart and preStop (Kubernetes docs, "Container Lifecycle Hooks"). */
import { monotonicUs } from '../../base/clock.ts'
import { getErrorMessage } from '../../base/fault.ts'
import type { Container, LifecycleHandler } from '../store/objects.ts'
import type { RunningContainer } from '../runtime/runtime.ts'
import { sendHttpGet, resolveHttpTarget } from '../probes/http-get.ts'
import { sleepUntil } from '../kubelet/timing.ts'

export interface HookTarget {
  container: RunningContainer
  spec: Container
  podIp: string
}
export interface HookResult {
  ok: boolean
  /** For programs: an exit code, `sleep`, an HTTP status, or what went wrong. */
  detail: string
}

const userAgent = 'kube-lifecycle/1.34'

/** Never rejects. `left` aborts when the container has ended and the hook is no longer awaited. */
export async function runHook(handler: LifecycleHandler, target: HookTarget, left: AbortSignal): Promise<HookResult> {
  try {
    if (handler.exec) return await runExecHook(handler.exec.command ?? [], target)
    if (handler.httpGet) {
      const request = resolveHttpTarget(handler.httpGet, target.spec, target.podIp, userAgent)
      // Any answer counts: the kubelet checks only the transport, not the status (runHTTPHandler).
      return { ok: true, detail: `HTTP ${(await sendHttpGet(request, left)).status}` }
    }
    if (handler.sleep) {
      // KEP-3960: the kubelet itself sleeps, and continues when the container ends meanwhile (runSleepHandler; seen on 1.34).
      await sleepUntil(monotonicUs() + handler.sleep.seconds * 1e6, left)
      return { ok: true, detail: 'sleep' }
    }
    return { ok: false, detail: 'invalid handler: none of exec, httpGet and sleep is given' }
  } catch (error) {
    return { ok: false, detail: getErrorMessage(error) }
  }
}

/** The hook's process is in the container's pid namespace: when PID 1 ends, the kernel kills it (exit code 137). */
async function runExecHook(command: string[], { container }: HookTarget): Promise<HookResult> {
  const { exitCode } = await container.exec(command, {})
  return { ok: exitCode === 0, detail: String(exitCode) }
}
