/** Starts a container, and reports failures. */
import { join } from 'node:path'
import { getErrorMessage } from '../../base/fault.ts'
import type { Container } from '../store/objects.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ContainerConfig, RunningContainer, Sandbox } from '../runtime/runtime.ts'
import { generateContainerConfig, verifyRunAsNonRoot } from './container-config.ts'
import { ensureImage } from '../kubelet/image-pull.ts'
import type { ImageFailure } from '../kubelet/image-pull.ts'
import type { ContainerLog } from './logs.ts'
import type { PodContext } from '../kubelet/pod-context.ts'

/** The directory of a pod's volumes. */
export function getVolumesDirectory(pod: PodContext): string {
  return join(pod.directory, 'volumes')
}

export interface StartFailure {
  /** As in the container's waiting state; `StartError` for a container that was created but could not be executed. */
  reason: ImageFailure['reason'] | 'CreateContainerConfigError' | 'CreateContainerError' | 'StartError'
  message: string
}
export type StartOutcome = { container: RunningContainer } | { failure: StartFailure }

/** Never rejects. Records Pulled, Created and Started, or Failed, with the kubelet's texts. */
export async function startContainer(
  spec: Container,
  pod: PodContext,
  sandbox: Sandbox,
  log: ContainerLog,
): Promise<StartOutcome> {
  const ensured = await ensureImage(spec, pod)
  if ('failure' in ensured) return ensured
  let config: Omit<ContainerConfig, 'onLog'>
  try {
    config = generateContainerConfig(spec, pod, getVolumesDirectory(pod))
    verifyRunAsNonRoot(spec, pod, ensured.image)
  } catch (error) {
    return recordFailure(spec, pod, { reason: 'CreateContainerConfigError', message: getErrorMessage(error) })
  }
  const created = { reason: 'Created', message: `Created container: ${spec.name}`, container: spec.name }
  try {
    const container = await pod.runtime.startContainer(sandbox, { ...config, onLog: (line) => log.append(line) })
    pod.record(created)
    const message = `Started container ${spec.name}`
    pod.record({ reason: 'Started', message, container: spec.name, detail: container.id, atUs: container.startedAtUs })
    return { container }
  } catch (error) {
    const isStart = error instanceof RuntimeError && error.reason === 'StartError'
    if (isStart) pod.record(created)
    return recordFailure(spec, pod, {
      reason: isStart ? 'StartError' : 'CreateContainerError',
      message: getErrorMessage(error),
    })
  }
}

function recordFailure(spec: Container, pod: PodContext, failure: StartFailure): StartOutcome {
  pod.record({ reason: 'Failed', message: `Error: ${failure.message}`, type: 'Warning', container: spec.name })
  return { failure }
}
