/** Runs of a comparison in turn on a cluster that is there, each judged as soon as its log is closed. */
import { join } from 'node:path'
import type { KubernetesObject, V1Job } from '@kubernetes/client-node'
import { keepSenderAwake } from '../awake.ts'
import { readYamlFile } from '../catalogue/yaml-file.ts'
import { connectApi } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { Fault, messageOf } from '../fault.ts'
import { judgeRun, writeReports } from '../judge.ts'
import { bundleDriver } from '../load/bundle.ts'
import type { EngineName } from '../load/bundle.ts'
import type { ClusterKind, RunPlan } from '../model/plan.ts'
import { capacityWarning } from '../report/capacity.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { run } from '../run.ts'
import type { RunOptions } from '../run.ts'
import type { Progress } from '../terminal/progress.ts'
import { environmentOf, runPlan } from './comparison.ts'
import type { Comparison, PlannedRun } from './comparison.ts'
import { knownCapacity } from './known-capacity.ts'

export interface Comparing {
  planned: readonly PlannedRun[]
  base: RunOptions['base']
  comparison: Comparison
  engine: EngineName
  /** Where capacities that were measured are kept. */
  capacities?: string
  progress: Progress
  /** Whether the load may go to an address that everybody can reach; default: no. */
  mayBePublic?: boolean
  /** Interrupts: the run that is under way ends in good order, and no other begins. */
  signal: AbortSignal
}

/** Gives the runs that began; fewer than planned after an interruption or when the cluster ends by itself. */
export async function runEach(cluster: Cluster, comparing: Comparing): Promise<ReportedRun[]> {
  const { planned, base, comparison, engine, progress, mayBePublic = false } = comparing
  refuseVia(planned, cluster.kind)
  const api = connectApi(cluster.kubeconfig)
  const signal = AbortSignal.any([comparing.signal, cluster.lost, api.moved])
  using awake = keepSenderAwake(cluster.kind)
  const environment = environmentOf((await api.version.getCode()).gitVersion, awake?.held)
  const driverCode = await bundleDriver(engine)
  const runs: ReportedRun[] = []
  for (const [index, one] of planned.entries()) {
    if (signal.aborted) break
    const plan = withCapacity(runPlan(one, comparison, cluster.kind, environment), one, comparing)
    const warning = one.round === 1 ? capacityWarning(plan) : null
    if (warning !== null) progress.say(`${plan.configuration.name}: ${warning}`)
    const runDir = join(comparison.directory, directoryName(one, index + 1, planned.length))
    const title = `${index + 1}/${planned.length} ${one.scenario.name} × ${one.file.configuration.name}`
    const { patch } = one.file
    const { intend } = cluster
    const work = { plan, patch, base, driverCode, mayBePublic, api, runDir, signal, ...(intend && { intend }) }
    runs.push(await runAndJudge(work, title, progress))
  }
  api.close()
  if (cluster.lost.aborted) progress.say(`The cluster ended by itself: ${messageOf(cluster.lost.reason)}`)
  if (api.moved.aborted) progress.say(`Stopped: ${messageOf(api.moved.reason)}`)
  return runs
}

/** Throws a usage Fault for a way of the load that a cluster of this kind does not have. */
export function refuseVia(planned: readonly PlannedRun[], kind: ClusterKind): void {
  if (kind !== 'local' || planned.every(({ via }) => via.kind !== 'ingress')) return
  throw new Fault(
    'usage',
    'Cannot take the load through an Ingress on the embedded cluster: it has none',
    'Give --via nodeport, or --cluster kubeconfig with a cluster that has an ingress controller.',
  )
}

function withCapacity(plan: RunPlan, { file }: PlannedRun, { base, capacities }: Comparing): RunPlan {
  const capacity = capacities === undefined ? null : knownCapacity(capacities, { base, patch: file.patch, plan })
  return capacity === null ? plan : { ...plan, capacity }
}

/** Sorted by name, the directories of a comparison are in the order in which they ran. */
function directoryName({ scenario, file, round }: PlannedRun, number: number, of: number): string {
  return `${String(number).padStart(String(of).length, '0')}-${scenario.name}-${file.configuration.name}-r${round}`
}

async function runAndJudge(
  work: Omit<RunOptions, 'onRecord'>,
  title: string,
  progress: Progress,
): Promise<ReportedRun> {
  const shown = progress.beginRun(title)
  let said = 'failed'
  try {
    await run({ ...work, onRecord: (record) => shown.see(record) })
    const judged = await judgeRun(work.runDir)
    writeReports(work.runDir, [{ ...judged, dir: '.' }])
    said = judged.analysis.sentence
    return judged
  } finally {
    shown.end(said)
  }
}

/** What every configuration shares, the pod that nothing disrupts, and the drivers' Job; `image` in place of the drivers' own. */
export function readBase(manifests: string, image?: string): RunOptions['base'] {
  const [driver] = readYamlFile(join(manifests, 'base', 'driver.yaml')).documents as V1Job[]
  const container = driver?.spec?.template.spec?.containers[0]
  if (!driver || !container) {
    throw new Fault('usage', `Cannot use ${manifests}: base/driver.yaml must be a Job with a container`)
  }
  if (image !== undefined) container.image = image
  const objects = (file: string): KubernetesObject[] =>
    readYamlFile(join(manifests, 'base', file)).documents as KubernetesObject[]
  return { workload: objects('web.yaml'), control: objects('control.yaml'), driver }
}
