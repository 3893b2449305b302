/** What all runs on a cluster have in common beside their plans: the machine, and what is done for whoever sends the load. */
import { holdSenderCpuLatency } from '../load/machine/cpu-latency.ts'
import type { KubeApi } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { readRemoteMachine } from '../cluster/kind/docker-engine.ts'
import { driverPrecedence } from '../cluster/embedded/embedded-cluster.ts'
import { readServerVersion } from '../cluster/server-version.ts'
import type { Environment } from '../model/plan.ts'
import { describeEnvironment } from './comparison.ts'

export interface PreparedMachine extends Disposable {
  environment: Environment
}

/** Until it is disposed of, processors of this machine are kept from sleeping where they send the load. */
export async function prepareMachine({ kind }: Pick<Cluster, 'kind'>, api: KubeApi): Promise<PreparedMachine> {
  const elsewhere = kind === 'kind' ? await readRemoteMachine() : null
  const awake = elsewhere === null ? holdSenderCpuLatency(kind) : null
  try {
    const environment = describeEnvironment({
      kubernetes: await readServerVersion(api),
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
