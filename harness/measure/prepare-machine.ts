/** What all runs on a cluster have in common beside their plans: the machine, and what is done for whoever sends the load. */
import { keepSenderAwake } from '../load/machine/cpu-latency.ts'
import type { KubeApi } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { machineElsewhere } from '../cluster/kind/docker-engine.ts'
import { driverPrecedence } from '../cluster/embedded/embedded-cluster.ts'
import { serverVersion } from '../cluster/server-version.ts'
import type { Environment } from '../model/plan.ts'
import { environmentOf } from './comparison.ts'

export interface PreparedMachine extends Disposable {
  environment: Environment
}

/** Until it is disposed of, processors of this machine are kept from sleeping where they send the load. */
export async function prepareMachine({ kind }: Pick<Cluster, 'kind'>, api: KubeApi): Promise<PreparedMachine> {
  const elsewhere = kind === 'kind' ? await machineElsewhere() : null
  const awake = elsewhere === null ? keepSenderAwake(kind) : null
  try {
    const environment = environmentOf({
      kubernetes: await serverVersion(api),
      coresAwake: awake?.held,
      ...(kind === 'local' && { driverBefore: driverPrecedence() }),
      ...elsewhere,
    })
    return { environment, [Symbol.dispose]: () => awake?.[Symbol.dispose]() }
  } catch (error) {
    awake?.[Symbol.dispose]()
    throw error
  }
}
