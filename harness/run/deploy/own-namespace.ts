/** The namespace that a run makes for what it deploys. */
import type { Cluster } from '../../cluster/cluster.ts'
import { createNamespace, deleteNamespace, waitUntilNamespaceReady } from './workload.ts'
import type { NamespaceOptions } from './workload.ts'

export interface OwnNamespaceOptions extends Omit<NamespaceOptions, 'labels'> {
  recordNamespace?: Cluster['recordNamespace']
}

/** Resolves when pods can be created in it. Its name is recorded before it is made, and `teardown` deletes it. */
export async function makeOwnNamespace(options: OwnNamespaceOptions, teardown: AsyncDisposableStack): Promise<void> {
  const { api, name, recordNamespace } = options
  const own = { ...options, labels: recordNamespace?.(name) ?? {} }
  const uid = await createNamespace(own)
  teardown.defer(() => deleteNamespace(api, name, uid))
  await waitUntilNamespaceReady(own)
}
