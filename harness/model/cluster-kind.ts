/** The names of the clusters that nodrop can run on, as `--cluster`, plans and event logs have them. */

/** Those that nodrop itself starts and ends. */
export const managedClusterKinds = ['local', 'kind'] as const
export type ManagedClusterKind = (typeof managedClusterKinds)[number]

/** `kubeconfig`: one that somebody else runs, by a context of the user's kubeconfig. */
export const clusterKinds = ['local', 'kind', 'kubeconfig'] as const
export type ClusterKind = (typeof clusterKinds)[number]
