/** Deployments and ReplicaSets as `kubectl get` shows them: printDeployment and printReplicaSet of Kubernetes 1.34. */
import type { Container, Deployment, ReplicaSet, Stored } from '../objects.ts'
import { ageOf } from './duration.ts'
import { formatSelector } from './selectors.ts'
import { columns, orNone } from './table-column.ts'
import type { Printer } from './table-column.ts'

export const deploymentTable: Printer<Stored<Deployment>> = {
  columns: columns('Name, Ready, Up-to-date, Available, Age, Containers*, Images*, Selector*'),
  cells: ({ metadata, spec, status }) => [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    ageOf(metadata.creationTimestamp),
    ...containerCells(spec?.template.spec?.containers),
    formatSelector(spec?.selector ?? {}),
  ],
}

export const replicaSetTable: Printer<Stored<ReplicaSet>> = {
  columns: columns('Name, Desired#, Current#, Ready#, Age, Containers*, Images*, Selector*'),
  cells: ({ metadata, spec, status }) => [
    metadata.name,
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    ageOf(metadata.creationTimestamp),
    ...containerCells(spec?.template?.spec?.containers),
    orNone(formatSelector(spec?.selector ?? {})),
  ],
}

function containerCells(containers: Container[] = []): [string, string] {
  return [containers.map(({ name }) => name).join(','), containers.map(({ image }) => image ?? '').join(',')]
}
