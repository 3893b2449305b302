/** `nodrop run`: every run of a comparison in turn, and the report at the end. */
import { readdirSync, rmdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ContextOptions } from '../cluster/context/preflight.ts'
import { createDirectory } from '../base/durable-file.ts'
import { exitCodes } from '../base/fault.ts'
import { reportRuns } from '../judge/judge-directory.ts'
import type { ReportedRun } from '../judge/report/reported-run.ts'
import { createProgress } from '../terminal/progress.ts'
import { acquireCluster } from '../cluster/clusters.ts'
import type { ClusterChoice, Paths } from '../cluster/clusters.ts'
import { createComparison, planComparison } from '../measure/comparison.ts'
import type { ComparisonOptions } from '../measure/comparison.ts'
import { resolveContext, rejectUnusedOptions } from '../cluster/context-options.ts'
import type { ContextCliOptions } from '../cluster/context-options.ts'
import { formatEstimate } from '../measure/estimate.ts'
import { handleInterrupts } from '../terminal/interrupt.ts'
import { computeMaxRepeats } from '../measure/comparison-plan.ts'
import { computeExitCode, throwIfUnwritten, printResults } from './results.ts'
import { rejectInvalidObjects } from '../measure/validate-objects.ts'
import { readBaseManifests, rejectUnsupportedRoute, runEach } from '../measure/run-each.ts'
import type { RunEachOptions, DriverPodOptions } from '../measure/run-each.ts'
import { rewriteImages } from '../measure/sample-images.ts'

export interface RunCommandOptions extends ComparisonOptions, ContextCliOptions, DriverPodOptions {
  cluster: ClusterChoice
  kindImage?: string
  keep?: boolean
  out: string
  json?: boolean
}

export async function runCommand(options: RunCommandOptions, paths: Paths): Promise<number> {
  rejectUnusedOptions(options.cluster, options)
  const { planned, base } = planRuns(options)
  const named = options.cluster === 'kubeconfig' ? resolveContext(options) : undefined
  const comparison = createComparison(resolve(options.out), new Date())
  // For its owner only: what was asked and seen of a workload is not for every user of the machine.
  createDirectory(comparison.directory, 0o700)
  const progress = createProgress(process.stderr)
  const interrupt = handleInterrupts(progress)
  const mayBePublic = options.allowContext !== undefined
  const capacities = join(paths.reports, 'capacity')
  const { engine, repeats: mostRepeats = computeMaxRepeats(options.rounds) } = options
  const runs: ReportedRun[] = []
  const measuring = { planned, base, comparison, engine, capacities, mostRepeats, runs }
  const comparing = { ...measuring, progress, mayBePublic, signal: interrupt }
  try {
    await runOnCluster({ options, paths, comparing, ...(named && { named }) })
  } catch (error) {
    // What went wrong afterwards, or in another run, does not hide what has been measured.
    if (runs.some(({ analysis }) => analysis.ending === 'complete')) {
      printResults(await reportRuns(comparison.directory, runs), comparison.directory, options)
    }
    throw error
  } finally {
    // Without a run in it, the directory tells nobody anything.
    if (readdirSync(comparison.directory).length === 0) rmdirSync(comparison.directory)
  }
  if (runs.length === 0) return interrupt.aborted ? exitCodes.interrupted : exitCodes.unknown
  const judged = await reportRuns(comparison.directory, runs)
  printResults(judged, comparison.directory, options)
  throwIfUnwritten(judged)
  return interrupt.aborted ? exitCodes.interrupted : computeExitCode(judged)
}

/** What is to be run. A cluster that nodrop did not start has the sample images elsewhere. */
function planRuns(options: RunCommandOptions): Pick<RunEachOptions, 'planned' | 'base'> {
  const planned = planComparison(options)
  // Before it is started; with --cluster auto nobody knows yet.
  if (options.cluster === 'local') rejectUnsupportedRoute(planned, 'local')
  const base = readBaseManifests(options.manifests, options)
  if (options.cluster !== 'kubeconfig') return { planned, base }
  const withRegistry = <T>(value: T): T => rewriteImages(value, options.imageRegistry)
  const placed = planned.map((one) => ({ ...one, file: { ...one.file, patch: withRegistry(one.file.patch) } }))
  return { planned: placed, base: withRegistry(base) }
}

interface RunContext {
  options: RunCommandOptions
  paths: Paths
  named?: ContextOptions
  comparing: RunEachOptions
}

/** On one cluster, which is gone when this resolves unless it stood before. */
async function runOnCluster({ options, paths, named, comparing }: RunContext): Promise<void> {
  const { comparison, progress, signal } = comparing
  const log = (line: string): void => progress.say(line)
  log(formatEstimate(comparing.planned))
  await using cluster = await acquireCluster(options.cluster, {
    paths,
    stateDir: comparison.directory,
    log,
    signal,
    keep: options.keep ?? false,
    ...(named && { named }),
    ...(options.kindImage !== undefined && { kindImage: options.kindImage }),
  })
  log(cluster.description)
  try {
    await rejectInvalidObjects(cluster, { ...comparing, manifests: options.manifests })
  } catch (error) {
    // Whoever interrupts it knows why there is nothing to tell.
    if (signal.aborted) return
    throw error
  }
  await runEach(cluster, comparing)
}
