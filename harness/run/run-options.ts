/** What a run is given: its plan, its objects, its cluster, and where its log goes. */
import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import type { KubeApi } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { NodeClock } from '../cluster/node-clock.ts'
import type { ConfigurationSource } from '../model/deployed.ts'
import type { RunPlan } from '../model/plan.ts'
import type { LogRecord } from '../model/record.ts'

export interface RunOptions {
  plan: RunPlan
  /** Strategic merge patch of the Deployment: the configuration. */
  patch: Record<string, unknown>
  source: ConfigurationSource
  /**
   * Objects of the base: the workload's, which are not deployed but only told of where it runs already, in a namespace that the plan names; those of the pod that nothing disrupts, and the drivers' Job. */
  base: {
    workload: KubernetesObject[]
    control: KubernetesObject[]
    driver: KubernetesObject
    /** Reads the connection tracking of a node, where that is to take a pod. */
    tracking?: V1Pod
  }
  driverCode: string
  /** Whether the load may go to an address that everybody can reach; default: no. */
  mayBePublic?: boolean
  api: KubeApi
  /** Of the cluster, by which commands of a scenario reach what the run deploys; absent: by whatever they are told. */
  kubeconfig?: string
  /** `null` where nobody can tell. */
  nodeClock: NodeClock | null
  /** Of the cluster, where it has one. */
  recordNamespace?: Cluster['recordNamespace']
  recordScaled?: Cluster['recordScaled']
  runDir: string
  /** Called with every record after it is in the log. */
  onRecord: (record: LogRecord) => void
  /** Gets each line that a command writes which disrupts the workload. */
  onOutput?: (line: string) => void
  /** Interrupts: the load stops, requests in flight finish, the log is closed. */
  signal: AbortSignal
}
