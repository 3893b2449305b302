/** What a Kubernetes Event tells of a container's life or of the service proxy, when it says exactly when. */
import type { CoreV1Event } from '@kubernetes/client-node'
import type { Clock } from '../clock.ts'
import type { ContainerMoment, LogRecord } from '../model/record.ts'

const moments: Record<string, ContainerMoment> = {
  Started: 'started',
  PreStopHookStarted: 'hook-began',
  PreStopHookFinished: 'hook-ended',
  FailedPreStopHook: 'hook-failed',
  StopSignalSent: 'signal',
  ContainerExited: 'exited',
}
/** The embedded cluster and the harness read the same clock; what is left is its resolution. */
const sameClockErrorUs = 1

/** `exactEvents` says whether the annotations can be trusted: only the embedded cluster's kubelet writes them. */
export function momentOf(
  event: CoreV1Event,
  t: number,
  { clock, exactEvents }: { clock: Clock; exactEvents: boolean },
): LogRecord {
  const { involvedObject, reason = '', message = '' } = event
  const monotonicUs = Number(event.metadata.annotations?.['nodrop.dev/monotonic-us'])
  const detail = event.metadata.annotations?.['nodrop.dev/detail'] ?? null
  const object = `${involvedObject.kind}/${involvedObject.name}`
  if (!exactEvents || !Number.isSafeInteger(monotonicUs)) return { type: 'event', t, object, reason, message }
  const at = monotonicUs - clock.originUs
  const container = /^spec\.(?:initContainers|containers)\{(.+)\}$/.exec(involvedObject.fieldPath ?? '')?.[1]
  const moment = moments[reason]
  if (moment && container !== undefined) {
    const pod = involvedObject.name ?? ''
    return { type: 'container', t, at, errorUs: sameClockErrorUs, source: 'kubelet', pod, container, moment, detail }
  }
  if (reason === 'EndpointsProgrammed') {
    const pods = JSON.parse(detail ?? '[]') as string[]
    return { type: 'programmed', t, at, errorUs: sameClockErrorUs, service: involvedObject.name ?? '', pods }
  }
  return { type: 'event', t, object, reason, message }
}
