/** Moments of a container's life or of the service proxy from Kubernetes Events and pods' statuses, with their precision. */
import type { CoreV1Event, V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import type { Clock } from '../../base/clock.ts'
import { redactUrls } from '../../base/fault.ts'
import type { ContainerMoment, LogRecord, MomentSource, NetworkCounts } from '../../model/record.ts'
import type { Instant, WallClock } from './node-timestamps.ts'

const momentsByReason: Record<string, ContainerMoment> = {
  Started: 'started',
  Killing: 'stopping',
  PreStopHookStarted: 'hook-began',
  PreStopHookFinished: 'hook-ended',
  FailedPreStopHook: 'hook-failed',
  StopSignalSent: 'signal',
  ContainerExited: 'exited',
  Unhealthy: 'unhealthy',
}

/** The embedded cluster and the harness use the same clock; only its resolution remains as an error. */
const sameClockErrorUs = 1

export interface Clocks {
  clock: Clock
  wall: WallClock
  /** Whether the annotations can be trusted: only the kubelet of the embedded cluster writes them. */
  exactEvents: boolean
}

/** The Event as it came; with an exact time, the moment that it reports instead. A time in whole seconds gives a claim in addition. */
export function toEventRecords(event: CoreV1Event, t: number, clocks: Clocks): LogRecord[] {
  const { involvedObject, reason = '' } = event
  const message = redactUrls(event.message ?? '')
  const object = `${involvedObject.kind}/${involvedObject.name}`
  const plain: LogRecord = { type: 'event', t, object, reason, message }
  const exact = readExactInstant(event, clocks)
  const detail = event.metadata.annotations?.['nodrop.dev/detail'] ?? null
  if (exact !== null && reason === 'EndpointsProgrammed') {
    const pods = JSON.parse(detail ?? '[]') as string[]
    return [{ type: 'programmed', t, ...exact, service: involvedObject.name ?? '', pods }]
  }
  if (exact !== null && reason === 'NetworkCounters' && detail !== null) {
    const counts = JSON.parse(detail) as NetworkCounts
    return [{ type: 'network', t, at: exact.at, pod: involvedObject.name ?? '', ...counts }]
  }
  const moment = momentsByReason[reason]
  const container = /^spec\.(?:initContainers|containers)\{(.+)\}$/.exec(involvedObject.fieldPath ?? '')?.[1]
  if (moment === undefined || container === undefined) return [plain]
  const place = { pod: involvedObject.name ?? '', container }
  if (exact !== null) {
    // The detail of these two is the container's id.
    const known = moment === 'started' || moment === 'stopping' ? null : (detail ?? getFailureDetail(moment, message))
    return [buildContainerRecord(t, exact, 'kubelet', { ...place, moment, detail: known })]
  }
  const claim = readClaimedInstant(event, t, clocks)
  if (claim === null) return [plain]
  return [
    plain,
    buildContainerRecord(t, claim, 'event', { ...place, moment, detail: getFailureDetail(moment, message) }),
  ]
}

/** Why a probe or a hook failed is not given anywhere else. */
function getFailureDetail(moment: ContainerMoment, message: string): string | null {
  return moment === 'unhealthy' || moment === 'hook-failed' ? message : null
}

/** When the states of a pod's containers began by its status, without those in `before`, which gets the new ones. */
export function toStatusRecords(pod: V1Pod, t: number, wall: WallClock, before: Set<string>): LogRecord[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  return [...initContainerStatuses, ...containerStatuses].flatMap((status) =>
    listStates(status).flatMap(([moment, time, detail]): LogRecord[] => {
      const key = [pod.metadata?.uid, status.name, moment, time].join(' ')
      if (before.has(key)) return []
      before.add(key)
      const place = { pod: pod.metadata?.name ?? '', container: status.name }
      return [buildContainerRecord(t, wall.fromSeconds(time, t), 'status', { ...place, moment, detail })]
    }),
  )
}

/** Objects come from raw JSON, so their times are strings. */
function listStates({ state = {}, lastState = {} }: V1ContainerStatus): [ContainerMoment, string, string | null][] {
  return [lastState, state].flatMap(({ running, terminated }) => {
    const states: [ContainerMoment, unknown, string | null][] = [
      ['started', running?.startedAt ?? terminated?.startedAt, null],
      ['exited', terminated?.finishedAt, terminated ? String(terminated.exitCode) : null],
    ]
    return states.filter((state): state is [ContainerMoment, string, string | null] => typeof state[1] === 'string')
  })
}

function readExactInstant({ metadata }: CoreV1Event, { clock, exactEvents }: Clocks): Instant | null {
  const monotonicUs = Number(metadata.annotations?.['nodrop.dev/monotonic-us'])
  if (!exactEvents || !Number.isSafeInteger(monotonicUs)) return null
  const errorUs = Number(metadata.annotations?.['nodrop.dev/monotonic-error-us'] ?? 0)
  return { at: monotonicUs - clock.originUs, errorUs: Math.max(errorUs, sameClockErrorUs) }
}

function readClaimedInstant(event: CoreV1Event, t: number, { wall }: Clocks): Instant | null {
  const time: unknown = event.lastTimestamp ?? event.firstTimestamp
  return typeof time === 'string' ? wall.fromSeconds(time, t) : null
}

function buildContainerRecord(
  t: number,
  { at, errorUs }: Instant,
  source: MomentSource,
  what: { pod: string; container: string; moment: ContainerMoment; detail: string | null },
): LogRecord {
  return { type: 'container', t, at, errorUs, source, ...what }
}
