import type { ClusterKind } from '../../model/cluster-kind.ts'

type ClusteredRow = Pick<NamedRow, 'scenario' | 'configuration'> &
  ({ cluster: ClusterKind } | { conditions: { cluster: ClusterKind } })

interface NamedRow {
  scenario: string
  configuration: string
  /** Absent where no other row has the same name. */
  onCluster?: ClusterKind
}

/** `rollout × sleep`, `rollout × sleep (kind)`. */
export function formatRowName({ scenario, configuration, onCluster }: NamedRow): string {
  return `${scenario} × ${configuration}${onCluster === undefined ? '' : ` (${onCluster})`}`
}

/** Rows of the same scenario and configuration, on any cluster. */
export function listAlike<T extends ClusteredRow>({ scenario, configuration }: NamedRow, rows: readonly T[]): T[] {
  return rows.filter((row) => row.scenario === scenario && row.configuration === configuration)
}

export function getCluster(row: ClusteredRow): ClusterKind {
  return 'cluster' in row ? row.cluster : row.conditions.cluster
}

/** Adds the cluster to rows of the same name, as in a folder with runs of two clusters. */
export function tellApart<T extends ClusteredRow>(rows: readonly T[]): (T & Pick<NamedRow, 'onCluster'>)[] {
  return rows.map((row) => (listAlike(row, rows).length > 1 ? { ...row, onCluster: getCluster(row) } : row))
}
