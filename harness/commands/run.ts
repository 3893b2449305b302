/** `nodrop run`: every run of a comparison in turn, each judged as soon as its log is closed, and the report at the end. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { KubernetesObject } from '@kubernetes/client-node'
import { readYamlFile } from '../catalogue/yaml-file.ts'
import { connectApi } from '../cluster/api.ts'
import type { KubeApi } from '../cluster/api.ts'
import { Fault, exitCodes } from '../fault.ts'
import { judgeRun, writeReports } from '../judge.ts'
import { bundleDriver } from '../load/bundle.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { run } from '../run.ts'
import { openProgress } from '../terminal/progress.ts'
import type { Progress } from '../terminal/progress.ts'
import { useCluster } from './clusters.ts'
import type { ClusterChoice, Paths } from './clusters.ts'
import { environmentOf, newComparison, planComparison, runPlan } from './comparison.ts'
import type { Asked, Comparison, PlannedRun } from './comparison.ts'
import { exitCodeOf, printJudged } from './outcome.ts'

export interface RunCommandOptions extends Asked {
  cluster: ClusterChoice
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

  const runs: ReportedRun[] = []
  {
    const start = {
      paths,
      stateDir: comparison.directory,
      log: (line: string) => progress.say(line),
      signal: interrupt,
    }
    await using cluster = await useCluster(options.cluster, start)
    progress.say(cluster.description)
    const api = connectApi(cluster.kubeconfig)
    const signal = AbortSignal.any([interrupt, cluster.lost])
    const environment = environmentOf((await api.version.getCode()).gitVersion)
    const driverCode = await bundleDriver()
    for (const [index, one] of planned.entries()) {
      if (signal.aborted) break
      const plan = runPlan(one, comparison, cluster.kind, environment)
      const title = `${index + 1}/${planned.length} ${one.scenario.name} × ${one.file.configuration.name}`
      const work = { plan, patch: one.file.patch, base, driverCode, api, signal }
      runs.push(await runAndJudge(work, { comparison, progress, title, planned: one }))
    }
    api.close()
    if (cluster.lost.aborted) progress.say(`The cluster ended by itself: ${String(cluster.lost.reason)}`)
  }
  if (runs.length === 0) return exitCodes.interrupted
  const judged = writeReports(comparison.directory, runs)
  printJudged(judged, comparison.directory, options)
  return interrupt.aborted ? exitCodes.interrupted : exitCodeOf(judged)
}

type Work = Omit<Parameters<typeof run>[0], 'runDir' | 'onRecord'> & { api: KubeApi }

async function runAndJudge(
  work: Work,
  {
    comparison,
    progress,
    title,
    planned,
  }: { comparison: Comparison; progress: Progress; title: string; planned: PlannedRun },
): Promise<ReportedRun> {
  const runDir = join(
    comparison.directory,
    `${planned.scenario.name}-${planned.file.configuration.name}-r${planned.round}`,
  )
  const shown = progress.beginRun(title)
  let said = 'failed'
  try {
    await run({ ...work, runDir, onRecord: (record) => shown.see(record) })
    const judged = await judgeRun(runDir)
    writeReports(runDir, [{ ...judged, dir: '.' }])
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

function readBase(manifests: string): { workload: KubernetesObject[]; driver: KubernetesObject } {
  const [driver] = readYamlFile(join(manifests, 'base', 'driver.yaml')).documents as KubernetesObject[]
  if (!driver) throw new Fault('usage', `Cannot use ${manifests}: base/driver.yaml has no object in it`)
  return { workload: readYamlFile(join(manifests, 'base', 'web.yaml')).documents as KubernetesObject[], driver }
}
