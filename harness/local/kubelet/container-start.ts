/** Getting a container to run, and telling when that fails. */
import { join } from 'node:path'
import { messageOf } from '../../fault.ts'
import type { Container } from '../objects.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ContainerConfig, RunningContainer, Sandbox } from '../runtime/runtime.ts'
import { containerConfig } from './container-config.ts'
import type { ContainerLog } from './logs.ts'
import type { PodContext } from './pod-context.ts'

/** Where a pod's volumes are under its directory. */
export function volumesOf(pod: PodContext): string {
  return join(pod.directory, 'volumes')
}

export interface StartFailure {
  /** As the container's waiting state shows it; `StartError` for one that was created and could not be executed. */
  reason: 'CreateContainerConfigError' | RuntimeError['reason']
  message: string
}
export type StartOutcome = { container: RunningContainer } | { failure: StartFailure }

/** Never rejects. Records Pulled, Created and Started, or Failed, as the kubelet words them. */
export async function startContainer(
  spec: Container,
  pod: PodContext,
  sandbox: Sandbox,
  log: ContainerLog,
): Promise<StartOutcome> {
  let config: Omit<ContainerConfig, 'onLog'>
  try {
    config = containerConfig(spec, pod, volumesOf(pod))
  } catch (error) {
    return failed(spec, pod, { reason: 'CreateContainerConfigError', message: messageOf(error) })
  }
  try {
    const container = await pod.runtime.startContainer(sandbox, { ...config, onLog: (line) => log.append(line) })
    tellProgress(spec, pod, 'started')
    const message = `Started container ${spec.name}`
    pod.record({ reason: 'Started', message, container: spec.name, detail: container.id, atUs: container.startedAtUs })
    return { container }
  } catch (error) {
    const reason = error instanceof RuntimeError ? error.reason : 'CreateContainerError'
    return failed(spec, pod, { reason, message: messageOf(error) })
  }
}

function failed(spec: Container, pod: PodContext, failure: StartFailure): StartOutcome {
  const { reason, message } = failure
  if (reason === 'ErrImageNeverPull') {
    pod.record({ reason, message, type: 'Warning', container: spec.name })
  } else {
    tellProgress(spec, pod, reason)
  }
  const told = reason === 'ErrImageNeverPull' ? `Error: ${reason}` : `Error: ${message}`
  pod.record({ reason: 'Failed', message: told, type: 'Warning', container: spec.name })
  return { failure }
}

/** How far it came before `end`: the image was there, the container was created. */
function tellProgress({ name, image }: Container, pod: PodContext, end: 'started' | StartFailure['reason']): void {
  const message = `Container image "${image}" already present on machine`
  pod.record({ reason: 'Pulled', message, container: name })
  if (end !== 'started' && end !== 'StartError') return
  pod.record({ reason: 'Created', message: `Created container: ${name}`, container: name })
}
