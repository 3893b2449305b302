/** Deletes pods as `kubectl delete pod` does. */
import { runAll } from '../../base/task-group.ts'
import { getErrorStatus } from '../../cluster/api.ts'
import { callApi } from '../deploy/workload.ts'
import { getApiName } from '../observe/pod-names.ts'
import type { EvictionContext } from './eviction.ts'

export type DeletionContext = Pick<EvictionContext, 'api' | 'namespace' | 'signal'>

/** Deletes all at once; if one cannot be deleted, the others are given up. Without `gracePeriodSeconds` each pod has its own. */
export async function deletePods(
  names: readonly string[],
  { api, namespace, signal }: DeletionContext,
  gracePeriodSeconds?: number,
): Promise<void> {
  const body = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }
  await runAll(signal, () =>
    names.map((name) =>
      callApi(`delete ${name}`, () =>
        api.core.deleteNamespacedPod({ name: getApiName(name), namespace, body }).catch(ignoreGone),
      ),
    ),
  )
}

function ignoreGone(error: unknown): void {
  if (getErrorStatus(error) !== 404) throw error
}
