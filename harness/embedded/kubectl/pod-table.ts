/** Pods in the form of `kubectl get pods`: printPod of Kubernetes 1.34. */
import type { ContainerStatus, Pod, Stored } from '../store/objects.ts'
import { formatAge } from './human-duration.ts'
import { parseColumns, formatOrNone } from './table-column.ts'
import type { Cell, Printer } from './table-column.ts'

export const podTable: Printer<Stored<Pod>> = {
  columns: parseColumns('Name, Ready, Status, Restarts, Age, IP*, Node*, Nominated Node*, Readiness Gates*'),
  cells: formatPodCells,
}

/** The sum of the statuses of containers. */
interface Summary {
  reason: string
  ready: number
  restarts: number
  /** RFC 3339; '' when nothing has been restarted. */
  lastRestart: string
}

function formatPodCells(pod: Stored<Pod>): Cell[] {
  const { spec, status, metadata } = pod
  const sidecars = collectSidecarNames(pod)
  const total = (spec?.containers.length ?? 0) + sidecars.size
  const init = summarizeInit(pod, sidecars)
  const initialized = init.reason === '' || hasTrueCondition(pod, 'Initialized')
  const { ready, restarts, lastRestart, reason } = initialized ? summarizeMain(pod, sidecars, init) : init
  const shownRestarts =
    restarts > 0 && lastRestart !== '' ? `${restarts} (${formatAge(lastRestart)} ago)` : String(restarts)
  return [
    metadata.name,
    `${ready}/${total}`,
    findTerminatingReason(pod) ?? reason,
    shownRestarts,
    formatAge(metadata.creationTimestamp),
    formatOrNone(status?.podIPs?.[0]?.ip ?? status?.podIP),
    formatOrNone(spec?.nodeName),
    formatOrNone(status?.nominatedNodeName),
    formatReadinessGates(pod),
  ]
}

function findTerminatingReason({ metadata, status }: Stored<Pod>): string | undefined {
  if (metadata.deletionTimestamp === undefined) return undefined
  if (status?.reason === 'NodeLost') return 'Unknown'
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' ? undefined : 'Terminating'
}

/** Init containers that keep running beside the others. */
function collectSidecarNames({ spec }: Pod): Set<string> {
  const restartable = spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? []
  return new Set(restartable.map(({ name }) => name))
}

function hasTrueCondition({ status }: Pod, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
}

function addContainerCounts(summary: Summary, { restartCount, lastState }: ContainerStatus): void {
  summary.restarts += restartCount ?? 0
  const finished = lastState?.terminated?.finishedAt ?? ''
  if (finished > summary.lastRestart) summary.lastRestart = finished
}

/** Up to the init container that blocks the pod; `reason` stays empty without one. */
function summarizeInit(pod: Pod, sidecars: Set<string>): Summary {
  const summary: Summary = { reason: '', ready: 0, restarts: 0, lastRestart: '' }
  const statuses = pod.status?.initContainerStatuses ?? []
  for (const [index, container] of statuses.entries()) {
    addContainerCounts(summary, container)
    const { terminated, waiting } = container.state ?? {}
    if (terminated?.exitCode === 0) continue
    if (sidecars.has(container.name) && container.started === true) {
      if (container.ready) summary.ready += 1
      continue
    }
    if (terminated) summary.reason = `Init:${formatTermination(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.reason = `Init:${waiting.reason}`
    else summary.reason = `Init:${index}/${pod.spec?.initContainers?.length ?? 0}`
    return summary
  }
  return summary
}

function summarizeMain(pod: Pod, sidecars: Set<string>, init: Summary): Summary {
  const summary: Summary = { reason: getPhase(pod), ready: init.ready, restarts: 0, lastRestart: '' }
  if (init.reason !== '') summary.reason = init.reason
  const initStatuses = pod.status?.initContainerStatuses ?? []
  for (const container of initStatuses) if (sidecars.has(container.name)) addContainerCounts(summary, container)
  let running = false
  // From the last to the first, so that the first one's reason is shown.
  for (const container of (pod.status?.containerStatuses ?? []).toReversed()) {
    addContainerCounts(summary, container)
    const { waiting, terminated, running: isRunning } = container.state ?? {}
    if (waiting?.reason) summary.reason = waiting.reason
    else if (terminated) summary.reason = formatTermination(terminated)
    else if (container.ready && isRunning) {
      running = true
      summary.ready += 1
    }
  }
  if (summary.reason === 'Completed' && running)
    summary.reason = hasTrueCondition(pod, 'Ready') ? 'Running' : 'NotReady'
  return summary
}

function getPhase({ status }: Pod): string {
  const gated = status?.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated')
  return gated ? 'SchedulingGated' : status?.reason || status?.phase || ''
}

function formatTermination({
  reason,
  signal,
  exitCode,
}: NonNullable<NonNullable<ContainerStatus['state']>['terminated']>): string {
  if (reason) return reason
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`
}

function formatReadinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  return `${gates.filter(({ conditionType }) => hasTrueCondition(pod, conditionType)).length}/${gates.length}`
}
