/** Deployments, ReplicaSets and Jobs in the form of `kubectl get`: the printers of Kubernetes 1.34. */
import type { Container, Deployment, Job, ReplicaSet, Stored } from '../store/objects.ts'
import { formatAge, formatHumanDuration } from './human-duration.ts'
import { formatSelector } from '../schema/selector-syntax.ts'
import { parseColumns, formatOrNone } from './table-column.ts'
import type { Printer } from './table-column.ts'

export const deploymentTable: Printer<Stored<Deployment>> = {
  columns: parseColumns('Name, Ready, Up-to-date, Available, Age, Containers*, Images*, Selector*'),
  cells: ({ metadata, spec, status }) => [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    formatAge(metadata.creationTimestamp),
    ...formatContainerCells(spec?.template.spec?.containers),
    formatSelector(spec?.selector ?? {}),
  ],
}

export const replicaSetTable: Printer<Stored<ReplicaSet>> = {
  columns: parseColumns('Name, Desired#, Current#, Ready#, Age, Containers*, Images*, Selector*'),
  cells: ({ metadata, spec, status }) => [
    metadata.name,
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    formatAge(metadata.creationTimestamp),
    ...formatContainerCells(spec?.template?.spec?.containers),
    formatOrNone(formatSelector(spec?.selector ?? {})),
  ],
}

export const jobTable: Printer<Stored<Job>> = {
  columns: parseColumns('Name, Status, Completions, Duration, Age, Containers*, Images*, Selector*'),
  cells: (job) => [
    job.metadata.name,
    formatJobStatus(job),
    formatCompletions(job),
    formatJobDuration(job),
    formatAge(job.metadata.creationTimestamp),
    ...formatContainerCells(job.spec?.template.spec?.containers),
    formatOrNone(formatSelector(job.spec?.selector ?? {})),
  ],
}

function formatJobStatus({ metadata, status }: Stored<Job>): string {
  const hasCondition = (type: string): boolean =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
  if (hasCondition('Complete')) return 'Complete'
  if (hasCondition('Failed')) return 'Failed'
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(hasCondition) ?? 'Running'
}

function formatCompletions({ spec, status }: Job): string {
  const { completions, parallelism = 0 } = spec ?? {}
  const done = status?.succeeded ?? 0
  if (completions !== undefined) return `${done}/${completions}`
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`
}

function formatJobDuration({ status }: Job): string {
  const { startTime, completionTime } = status ?? {}
  if (startTime === undefined) return ''
  const endMs = completionTime === undefined ? Date.now() : Date.parse(completionTime)
  return formatHumanDuration(endMs - Date.parse(startTime))
}

function formatContainerCells(containers: Container[] = []): [string, string] {
  return [containers.map(({ name }) => name).join(','), containers.map(({ image }) => image ?? '').join(',')]
}
