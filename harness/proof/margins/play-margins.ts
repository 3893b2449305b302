/** Plays configurations of the sample as `nodrop run` does, and compares the margin of the leaving pod with a probe's. */
import type { Cluster } from '../../cluster/cluster.ts'
import type { Paths } from '../../cluster/clusters.ts'
import { executeRuns } from '../../measure/execute-runs.ts'
import { readBaseManifests } from '../../measure/objects/base-manifests.ts'
import { createComparison } from '../../measure/comparison-directory.ts'
import type { PlannedRun } from '../../measure/plan-runs.ts'
import type { Progress } from '../../measure/progress.ts'
import type { PodMargin } from '../../model/figures/margin.ts'
import { readConfigurations, readScenarios, selectByName } from '../../plan/catalogue.ts'
import type { ConfigurationFile } from '../../plan/catalogue.ts'
import { computeProbedMargin } from './probed-margin.ts'
import type { ProbedMargin } from './probed-margin.ts'
import { probeNextDriver, serviceTarget } from './run-probe.ts'
import type { MarginTraffic } from './traffic.ts'

interface MarginsOptions {
  traffic: MarginTraffic
  paths: Paths
  /** Gets the directory of every run. */
  out: string
  progress: Progress
  signal: AbortSignal
}

interface PlayedMargin {
  margin: PodMargin | undefined
  probed: ProbedMargin | null
}

/** `null` when the signal aborts. */
export async function playMargin(
  cluster: Cluster,
  file: ConfigurationFile,
  { traffic, paths, out, progress, signal }: MarginsOptions,
): Promise<PlayedMargin | null> {
  const comparison = createComparison(out, new Date())
  const base = readBaseManifests(paths.manifests)
  const over = new AbortController()
  const probing = probeNextDriver(cluster, traffic, over.signal)
  // The failure of the run comes first.
  probing.catch(() => undefined)
  const planned = [planRun(file, paths, traffic)]
  const running = executeRuns(cluster, { planned, base, comparison, engine: 'driver', progress, signal })
  const [run] = await running.finally(() => over.abort())
  const attempts = await probing
  if (!run || signal.aborted) return null
  const [margin] = run.analysis.margins
  const pick = (target: string) => attempts.filter((one) => one.target === target)
  return { margin, probed: margin ? computeProbedMargin(margin.pod, pick(margin.pod), pick(serviceTarget)) : null }
}

/** Throws a usage Fault for unknown names. */
export function selectConfigurations(manifests: string, names: string[]): ConfigurationFile[] {
  return selectByName(readConfigurations(manifests), ({ configuration }) => configuration.name, 'configuration', names)
}

/** One pod, so that a refusal is certainly its, and only new connections, which are answered at once. */
function planRun(file: ConfigurationFile, { scenarios }: Paths, { ratePerSecond }: MarginTraffic): PlannedRun {
  const [rollout] = selectByName(readScenarios(scenarios), ({ name }) => name, 'scenario', ['rollout'])
  if (!rollout) throw new Error('There is no scenario rollout')
  const shares = { fresh: 1, reused: 0, 'reused-post': 0 }
  const load = { ...rollout.load, ratePerSecond, workMs: 0, shares }
  return { scenario: { ...rollout, replicas: 1, load }, file, drivers: 1, via: { kind: 'service' }, round: 1, seed: 1 }
}
