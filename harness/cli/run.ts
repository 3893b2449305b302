/** `nodrop run`: every run of a comparison in turn, and the report at the end. */
import { readdirSync, rmdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ContextOptions } from '../cluster/context/preflight.ts'
import { makeDirectory } from '../base/durable-file.ts'
import { exitCodes } from '../base/fault.ts'
import { reportRuns } from '../judge/judge-directory.ts'
import type { ReportedRun } from '../judge/report/reported-run.ts'
import { openProgress } from '../terminal/progress.ts'
import { useCluster } from '../cluster/clusters.ts'
import type { ClusterChoice, Paths } from '../cluster/clusters.ts'
import { newComparison, planComparison } from '../measure/comparison.ts'
import type { Asked } from '../measure/comparison.ts'
import { contextOf, refuseIdle } from '../cluster/context-options.ts'
import type { NamedCluster } from '../cluster/context-options.ts'
import { announcement } from '../measure/estimate.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { mostRepeatsOf } from '../measure/comparison-plan.ts'
import { exitCodeOf, mustBeWritten, printJudged } from './results.ts'
import { refuseInvalid } from '../measure/validate-objects.ts'
import { readBase, refuseVia, runEach } from '../measure/run-each.ts'
import type { Comparing, DriverOptions } from '../measure/run-each.ts'
import { placeImages } from '../measure/sample-images.ts'

export interface RunCommandOptions extends Asked, NamedCluster, DriverOptions {
  cluster: ClusterChoice
  kindImage?: string
  keep?: boolean
  out: string
  json?: boolean
}

export async function runCommand(options: RunCommandOptions, paths: Paths): Promise<number> {
  refuseIdle(options.cluster, options)
  const { planned, base } = asked(options)
  const named = options.cluster === 'kubeconfig' ? contextOf(options) : undefined
  const comparison = newComparison(resolve(options.out), new Date())
  // For its owner only: what was asked and seen of a workload is not for every user of the machine.
  makeDirectory(comparison.directory, 0o700)
  const progress = openProgress(process.stderr)
  const interrupt = onInterrupt(progress)
  const mayBePublic = options.allowContext !== undefined
  const capacities = join(paths.reports, 'capacity')
  const { engine, repeats: mostRepeats = mostRepeatsOf(options.rounds) } = options
  const runs: ReportedRun[] = []
  const measuring = { planned, base, comparison, engine, capacities, mostRepeats, runs }
  const comparing = { ...measuring, progress, mayBePublic, signal: interrupt }
  try {
    await runAll({ options, paths, comparing, ...(named && { named }) })
  } catch (error) {
    // What went wrong afterwards, or in another run, does not hide what has been measured.
    if (runs.some(({ analysis }) => analysis.ending === 'complete')) {
      printJudged(await reportRuns(comparison.directory, runs), comparison.directory, options)
    }
    throw error
  } finally {
    // Without a run in it, the directory tells nobody anything.
    if (readdirSync(comparison.directory).length === 0) rmdirSync(comparison.directory)
  }
  if (runs.length === 0) return interrupt.aborted ? exitCodes.interrupted : exitCodes.unknown
  const judged = await reportRuns(comparison.directory, runs)
  printJudged(judged, comparison.directory, options)
  mustBeWritten(judged)
  return interrupt.aborted ? exitCodes.interrupted : exitCodeOf(judged)
}

/** What is to be run. A cluster that nodrop did not start has the sample images elsewhere. */
function asked(options: RunCommandOptions): Pick<Comparing, 'planned' | 'base'> {
  const planned = planComparison(options)
  // Before it is started; with --cluster auto nobody knows yet.
  if (options.cluster === 'local') refuseVia(planned, 'local')
  const base = readBase(options.manifests, options)
  if (options.cluster !== 'kubeconfig') return { planned, base }
  const place = <T>(value: T): T => placeImages(value, options.imageRegistry)
  const placed = planned.map((one) => ({ ...one, file: { ...one.file, patch: place(one.file.patch) } }))
  return { planned: placed, base: place(base) }
}

interface Asking {
  options: RunCommandOptions
  paths: Paths
  named?: ContextOptions
  comparing: Comparing
}

/** On one cluster, which is gone when this resolves unless it stood before. */
async function runAll({ options, paths, named, comparing }: Asking): Promise<void> {
  const { comparison, progress, signal } = comparing
  const log = (line: string): void => progress.say(line)
  log(announcement(comparing.planned))
  await using cluster = await useCluster(options.cluster, {
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
    await refuseInvalid(cluster, { ...comparing, manifests: options.manifests })
  } catch (error) {
    // Whoever interrupts it knows why there is nothing to tell.
    if (signal.aborted) return
    throw error
  }
  await runEach(cluster, comparing)
}
