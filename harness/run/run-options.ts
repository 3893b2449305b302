/** The inputs of a run: its plan, its objects, its cluster, and the directory of its log. */
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
   * Objects of the base: the workload's, which are only described where it runs already, in a namespace that the plan names; those of the
   * pod that nothing disrupts; and the drivers' Job.
   */
  base: {
    workload: KubernetesObject[]
    control: KubernetesObject[]
    driver: KubernetesObject
    /** The pod that reads the connection tracking of a node, where one is needed for that. */
    tracking?: V1Pod
  }
  driverCode: string
  /** Whether the load may go to a public address; default: no. */
  mayBePublic?: boolean
  api: KubeApi
  /** The cluster's kubeconfig, for commands of a scenario; absent: they use what they are given. */
  kubeconfig?: string
  /** `null` where it is unknown. */
  nodeClock: NodeClock | null
  /** From the cluster, where it has one. */
  recordNamespace?: Cluster['recordNamespace']
  recordScaled?: Cluster['recordScaled']
  runDir: string
  /** Called with every record after it is in the log. */
  onRecord: (record: LogRecord) => void
  /** Gets each output line of a command that disrupts the workload. */
  onOutput?: (line: string) => void
  /** Interrupts the run: the load stops, requests in flight finish, and the log is closed. */
  signal: AbortSignal
}
