/** What all runs on a cluster share besides their plans: the description of the machine, and its preparation for the sender. */
import { cpus, release } from 'node:os'
import { holdCpuLatency } from '../load/machine/cpu-latency.ts'
import type { KubeApi } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { providers } from '../cluster/providers.ts'
import { readServerVersion } from '../cluster/server-version.ts'
import type { Environment } from '../model/plan.ts'
import packageJson from '../../package.json' with { type: 'json' }

export interface PreparedMachine extends Disposable {
  environment: Environment
}

/**
 * Until disposed of, keeps processors of this machine from sleeping if they send the load: on such a cluster, or because all runs send it
 * `fromHere`.
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

/** What only the run itself knows about its environment, and the machine if it is not this one. */
export interface RunConditions extends Partial<Pick<Environment, 'driverBefore' | 'kernel' | 'cpus' | 'cpuModel'>> {
  kubernetes: string
  coresAwake?: boolean | undefined
}

export function describeEnvironment({ coresAwake = false, ...conditions }: RunConditions): Environment {
  const all = cpus()
  return {
    nodrop: packageJson.version,
    node: process.version,
    kernel: release(),
    cpus: all.length,
    cpuModel: all[0]?.model ?? 'unknown',
    ...conditions,
    ...(coresAwake && { coresAwake }),
  }
}
