/** `nodrop run`: every run of a comparison in turn, each judged as soon as its log is closed, and the report at the end. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { KubernetesObject } from '@kubernetes/client-node'
import { readYamlFile } from '../catalogue/yaml-file.ts'
import { connectApi } from '../cluster/api.ts'
import { Fault, exitCodes, messageOf } from '../fault.ts'
import { judgeRun, writeReports } from '../judge.ts'
import { bundleDriver } from '../load/bundle.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { run } from '../run.ts'
import type { RunOptions } from '../run.ts'
import { openProgress } from '../terminal/progress.ts'
import type { Progress } from '../terminal/progress.ts'
import { useCluster } from './clusters.ts'
import type { ClusterChoice, Paths } from './clusters.ts'
import { environmentOf, newComparison, planComparison, runPlan } from './comparison.ts'
import type { Asked, Comparison, PlannedRun } from './comparison.ts'
import { exitCodeOf, printJudged } from './outcome.ts'

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
  const runs = await runAll({ options, paths, planned, base, comparison, progress, interrupt })
  if (runs.length === 0) return exitCodes.interrupted
  const judged = writeReports(comparison.directory, runs)
  printJudged(judged, comparison.directory, options)
  return interrupt.aborted ? exitCodes.interrupted : exitCodeOf(judged)
}

type Base = RunOptions['base']

interface Comparing {
  options: RunCommandOptions
  paths: Paths
  planned: PlannedRun[]
  base: Base
  comparison: Comparison
  progress: Progress
  interrupt: AbortSignal
}

/** On one cluster, which is gone when this resolves unless it stood before. */
async function runAll(comparing: Comparing): Promise<ReportedRun[]> {
  const { options, paths, planned, base, comparison, progress, interrupt } = comparing
  const log = (line: string): void => progress.say(line)
  await using cluster = await useCluster(options.cluster, {
    paths,
    stateDir: comparison.directory,
    log,
    signal: interrupt,
    keep: options.keep ?? false,
    ...(options.kindImage !== undefined && { kindImage: options.kindImage }),
  })
  log(cluster.description)
  const api = connectApi(cluster.kubeconfig)
  const signal = AbortSignal.any([interrupt, cluster.lost])
  const environment = environmentOf((await api.version.getCode()).gitVersion)
  const driverCode = await bundleDriver(options.engine)
  const runs: ReportedRun[] = []
  for (const [index, one] of planned.entries()) {
    if (signal.aborted) break
    const plan = runPlan(one, comparison, cluster.kind, environment)
    const runDir = join(comparison.directory, directoryName(one, index + 1, planned.length))
    const title = `${index + 1}/${planned.length} ${one.scenario.name} × ${one.file.configuration.name}`
    runs.push(
      await runAndJudge({ plan, patch: one.file.patch, base, driverCode, api, runDir, signal }, title, progress),
    )
  }
  api.close()
  if (cluster.lost.aborted) log(`The cluster ended by itself: ${messageOf(cluster.lost.reason)}`)
  return runs
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

/** The first Ctrl-C (or TERM) ends the run in good order; the second ends the process, and with it the embedded cluster. */
function onInterrupt(progress: Progress): AbortSignal {
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

function readBase(manifests: string): Base {
  const [driver] = readYamlFile(join(manifests, 'base', 'driver.yaml')).documents as KubernetesObject[]
  if (!driver) throw new Fault('usage', `Cannot use ${manifests}: base/driver.yaml has no object in it`)
  return { workload: readYamlFile(join(manifests, 'base', 'web.yaml')).documents as KubernetesObject[], driver }
}
