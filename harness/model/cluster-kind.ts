/** The names of the clusters that nodrop can run on, in `--cluster`, plans and event logs. */

/** Clusters that nodrop itself starts and ends. */
export const managedClusterKinds = ['local', 'kind'] as const
export type ManagedClusterKind = (typeof managedClusterKinds)[number]

/** `kubeconfig`: a cluster run by others, reached by a context of the user's kubeconfig. */
export const clusterKinds = ['local', 'kind', 'kubeconfig'] as const
export type ClusterKind = (typeof clusterKinds)[number]
