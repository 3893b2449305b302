/** `nodrop run`: every run of a comparison in turn, and the report at the end. */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { Fault, exitCodes } from '../fault.ts'
import { writeReports } from '../judge.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { openProgress } from '../terminal/progress.ts'
import type { Progress } from '../terminal/progress.ts'
import { useCluster } from './clusters.ts'
import type { ClusterChoice, Paths } from './clusters.ts'
import { newComparison, planComparison } from './comparison.ts'
import type { Asked } from './comparison.ts'
import { exitCodeOf, printJudged } from './outcome.ts'
import { readBase, runEach } from './run-each.ts'
import type { Comparing } from './run-each.ts'

export interface RunCommandOptions extends Asked {
  cluster: ClusterChoice
  kindImage?: string
  keep?: boolean
  out: string
  json?: boolean
}

export async function runCommand(options: RunCommandOptions, paths: Paths): Promise<number> {
  const planned = planComparison(options)
  const base = readBase(options.manifests)
  const comparison = newComparison(resolve(options.out), new Date())
  mkdirSync(comparison.directory, { recursive: true })
  const progress = openProgress(process.stderr)
  const interrupt = onInterrupt(progress)
  const comparing = { planned, base, comparison, engine: options.engine, progress, signal: interrupt }
  const runs = await runAll({ options, paths, comparing })
  if (runs.length === 0) return exitCodes.interrupted
  const judged = writeReports(comparison.directory, runs)
  printJudged(judged, comparison.directory, options)
  return interrupt.aborted ? exitCodes.interrupted : exitCodeOf(judged)
}

interface Asking {
  options: RunCommandOptions
  paths: Paths
  comparing: Comparing
}

/** On one cluster, which is gone when this resolves unless it stood before. */
async function runAll({ options, paths, comparing }: Asking): Promise<ReportedRun[]> {
  const { comparison, progress, signal } = comparing
  const log = (line: string): void => progress.say(line)
  await using cluster = await useCluster(options.cluster, {
    paths,
    stateDir: comparison.directory,
    log,
    signal,
    keep: options.keep ?? false,
    ...(options.kindImage !== undefined && { kindImage: options.kindImage }),
  })
  log(cluster.description)
  return await runEach(cluster, comparing)
}

/** The first Ctrl-C (or TERM) ends the run in good order; the second ends the process, and with it the embedded cluster. */
export function onInterrupt(progress: Progress): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(exitCodes.interrupted)
      progress.say('Interrupted: letting requests in flight finish and writing the report. Once more ends at once.')
      controller.abort(new Fault('interrupted', 'interrupted'))
    })
  }
  return controller.signal
}
