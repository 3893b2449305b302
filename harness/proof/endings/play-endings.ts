/** Plays each ending in each setting under load, as `nodrop run` does, and compares the attribution of every loss with the truth. */
import { join } from 'node:path'
import { selectByName, readScenarios } from '../../plan/catalogue.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Paths } from '../../cluster/clusters.ts'
import { createComparison } from '../../measure/comparison-directory.ts'
import type { PlannedRun } from '../../measure/plan-runs.ts'
import { readBaseManifests } from '../../measure/objects/base-manifests.ts'
import { executeRuns } from '../../measure/execute-runs.ts'
import type { Configuration, Scenario } from '../../model/plan.ts'
import type { ReportedRun } from '../../judge/report/reported-run.ts'
import type { Progress } from '../../measure/progress.ts'
import { compareRun } from './compare-run.ts'
import type { PlayedEnding } from './compare-run.ts'
import type { ServerEnding, DeploymentSetting } from './endings.ts'
import { findNetworkNamespaces } from '../wire/network-namespaces.ts'
import { listenToServers } from './servers.ts'
import { watchSyns } from '../wire/syns.ts'
import { writeWitnesses } from '../wire/witness-file.ts'
import { buildPatch, buildWorkload } from './workload.ts'

export interface EndingsOptions {
  paths: Paths
  /** Gets the directory of every run, with its log and report. */
  out: string
  /** Default: the scenario `rollout`. */
  scenario?: Scenario
  progress: Progress
  signal: AbortSignal
  onPlayed: (played: PlayedEnding) => void
}

/** In the given order; fewer when the signal aborts. Throws a Fault if connections cannot be watched on this machine. */
export async function playEndings(
  cluster: Cluster,
  pairs: readonly (readonly [ServerEnding, DeploymentSetting])[],
  options: EndingsOptions,
): Promise<PlayedEnding[]> {
  await using syns = await watchSyns(await findNetworkNamespaces(cluster))
  const played: PlayedEnding[] = []
  for (const [ending, setting] of pairs) {
    if (options.signal.aborted) break
    const sinceMs = Date.now()
    await using listening = await listenToServers(cluster.kubeconfig)
    const [run, runDir] = await runOnce(cluster, planRun(ending, setting, options), options)
    const heard = await listening.end()
    if (!run || options.signal.aborted) break
    const seen = (await syns.read()).filter(({ atMs }) => atMs >= sinceMs)
    writeWitnesses(runDir, { ending: ending.name, setting: setting.name, syns: seen, ...heard })
    const one = await compareRun(run, runDir)
    played.push(one)
    options.onPlayed(one)
  }
  return played
}

function planRun(ending: ServerEnding, setting: DeploymentSetting, { paths, scenario }: EndingsOptions): PlannedRun {
  const [usual] = selectByName(readScenarios(paths.scenarios), ({ name }) => name, 'scenario', ['rollout'])
  const asked = scenario ?? usual
  if (!asked) throw new Error('There is no scenario rollout')
  const configuration: Configuration = {
    name: `${ending.name}-${setting.name}`,
    expects: ending.name === 'drain' && !setting.recreates ? 'loses-none' : 'loses',
    hypothesis: `a server whose end is "${ending.name}", with ${setting.name}`,
  }
  const file = { configuration, patch: buildPatch(ending, setting) }
  return { scenario: asked, file, drivers: 1, via: { kind: 'service' }, round: 1, seed: 1 }
}

async function runOnce(
  cluster: Cluster,
  one: PlannedRun,
  { paths, out, progress, signal }: EndingsOptions,
): Promise<[run: ReportedRun | undefined, runDir: string]> {
  const comparison = createComparison(out, new Date())
  const base = { ...readBaseManifests(paths.manifests), workload: buildWorkload() }
  const [run] = await executeRuns(cluster, { planned: [one], base, comparison, engine: 'driver', progress, signal })
  return [run, join(comparison.directory, run?.dir ?? '')]
}
