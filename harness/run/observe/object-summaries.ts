/** The parts of Kubernetes objects that a run is judged by. Objects come from raw JSON, so their times are strings. */
import type { V1ContainerStatus, V1EndpointSlice, V1ObjectReference, V1Pod } from '@kubernetes/client-node'
import type { ContainerSnapshot, EndpointSnapshot, PodSnapshot } from '../../model/record.ts'

export function summarizePod(pod: V1Pod): PodSnapshot {
  const { metadata = {}, spec, status = {} } = pod
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    node: spec?.nodeName ?? null,
    ip: status.podIP ?? null,
    phase: status.phase ?? 'Unknown',
    ready: status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
    terminating: metadata.deletionTimestamp !== undefined,
    graceSeconds: metadata.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? null,
    containers: [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map(summarizeContainer),
  }
}

function summarizeContainer(status: V1ContainerStatus): ContainerSnapshot {
  const { running, terminated } = status.state ?? {}
  return {
    name: status.name,
    ready: status.ready,
    restarts: status.restartCount,
    state: terminated ? 'terminated' : running ? 'running' : 'waiting',
    exitCode: terminated?.exitCode ?? null,
  }
}

/** A deleted slice has no endpoints; `nameTarget` names the pods behind it. Unset conditions have the API's default: ready. */
export function summarizeEndpoints(
  slice: V1EndpointSlice,
  deleted: boolean,
  nameTarget: (target: V1ObjectReference) => string = ({ name = '' }) => name,
): { slice: string; service: string; endpoints: EndpointSnapshot[] } {
  const endpoints = (deleted ? [] : (slice.endpoints ?? [])).map(({ addresses, conditions, targetRef }) => ({
    pod: targetRef ? nameTarget(targetRef) : '',
    ip: addresses[0] ?? '',
    ready: conditions?.ready ?? true,
    serving: conditions?.serving ?? conditions?.ready ?? true,
    terminating: conditions?.terminating ?? false,
  }))
  const service = slice.metadata?.labels?.['kubernetes.io/service-name'] ?? ''
  return { slice: slice.metadata?.name ?? '', service, endpoints }
}
