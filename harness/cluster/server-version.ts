import { Fault } from '../base/fault.ts'
import { getApiMessage } from './api.ts'
import type { KubeApi } from './api.ts'

/** In the form of Kubernetes, for example `v1.34.4`. Throws a Fault when the API server does not return it. */
export async function readServerVersion(api: KubeApi): Promise<string> {
  try {
    return (await api.version.getCode()).gitVersion
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault('unknown', `Cannot ask the API server for its version: ${getApiMessage(error)}`, '', {
      cause: error,
    })
  }
}
