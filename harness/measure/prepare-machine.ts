/** What all runs on a cluster have in common beside their plans: the machine, and what is done for whoever sends the load. */
import { holdCpuLatency } from '../load/machine/cpu-latency.ts'
import type { KubeApi } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { providers } from '../cluster/providers.ts'
import { readServerVersion } from '../cluster/server-version.ts'
import type { Environment } from '../model/plan.ts'
import { describeEnvironment } from './comparison.ts'

export interface PreparedMachine extends Disposable {
  environment: Environment
}

/**
 * Until it is disposed of, processors of this machine are kept from sleeping where they send the load: on such a cluster, or because all
 * runs send it `fromHere`.
 */
export async function prepareMachine(
  { kind }: Pick<Cluster, 'kind'>,
  api: KubeApi,
  fromHere = false,
): Promise<PreparedMachine> {
  const { facts, readRemoteMachine, readDriverPrecedence } = providers[kind]
  const elsewhere = fromHere ? null : ((await readRemoteMachine?.()) ?? null)
  const awake = (fromHere || facts.sendsLoadFromHere) && elsewhere === null ? holdCpuLatency() : null
  try {
    const environment = describeEnvironment({
      kubernetes: await readServerVersion(api),
      coresAwake: awake?.held,
      ...(readDriverPrecedence && { driverBefore: readDriverPrecedence() }),
      ...elsewhere,
    })
    return { environment, [Symbol.dispose]: () => awake?.[Symbol.dispose]() }
  } catch (error) {
    awake?.[Symbol.dispose]()
    throw error
  }
}
