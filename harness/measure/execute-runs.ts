/** Executes the runs of a comparison in turn on a running cluster, and judges each as soon as its log is closed. */
import { join } from 'node:path'
import { describeSource } from '../plan/catalogue.ts'
import { connectApi } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { readNodeClock } from '../cluster/clusters.ts'
import { providers } from '../cluster/providers.ts'
import { Fault, getErrorMessage } from '../base/fault.ts'
import { judgeDirectory } from '../judge/judge-directory.ts'
import { compareConfigurations } from '../judge/verdict/compare-configurations.ts'
import { bundleDriver } from '../load/service/bundle.ts'
import type { EngineName } from '../load/service/bundle.ts'
import { getRunPlan, listRuns, writeComparison } from '../log/comparison-file.ts'
import { hasLog } from '../log/reader.ts'
import type { ClusterKind } from '../model/cluster-kind.ts'
import type { ComparisonPlan, RunPlan } from '../model/plan.ts'
import type { Verdict } from '../model/result.ts'
import { formatCapacityWarning } from '../judge/report/capacity-sentence.ts'
import type { ReportedRun } from '../judge/report/reported-run.ts'
import { executeRun } from '../run/run.ts'
import type { RunOptions } from '../run/run-options.ts'
import { adoptResumedPlan, arrangeResumedRuns, setInterruptedRunAside } from './resume/resume-comparison.ts'
import type { ResumedComparison } from './resume/resume-comparison.ts'
import { createRunPlan } from './plan-runs.ts'
import type { Comparison } from './comparison-directory.ts'
import type { PlannedRun } from './plan-runs.ts'
import { listKeptFields } from './objects/kept-fields.ts'
import { findCapacity } from './capacity/capacity-store.ts'
import { buildComparisonPlan, findNextRepeat } from './rounds-and-repeats.ts'
import { lookAtRounds } from './look-at-rounds.ts'
import { estimateRunMs } from './estimate.ts'
import { prepareMachine } from './prepare-machine.ts'
import type { ExpectedTime, Progress } from './progress.ts'

export interface ExecuteRunsOptions {
  planned: readonly PlannedRun[]
  base: RunOptions['base']
  comparison: Comparison
  engine: EngineName
  /** The folder of measured capacities. */
  capacities?: string
  progress: Progress
  /** Maximum number of rounds of a configuration that may be repeated because they were disturbed; default: none. */
  mostRepeats?: number
  /** Rounds continue until every pair of configurations is decided, within this time; `planned` is the maximum. None is repeated. */
  untilDecided?: { maxMs: number }
  /** Runs are added here as they end, so that a later error does not lose them. */
  runs?: ReportedRun[]
  /** Completed runs of this comparison are not run again. */
  resumed?: ResumedComparison
  /** Whether the load may go to a public address; default: no. */
  mayBePublic?: boolean
  /** Interrupts: the present run ends properly, and no other begins. */
  signal: AbortSignal
}

/** Returns the runs that began; fewer than planned after an interruption or when the cluster ends by itself. */
export async function executeRuns(cluster: Cluster, comparing: ExecuteRunsOptions): Promise<ReportedRun[]> {
  const { base, comparison, engine, progress, mostRepeats = 0, untilDecided, runs = [], resumed } = comparing
  const planned = resumed ? arrangeResumedRuns(resumed, comparing.planned) : comparing.planned
  rejectUnsupportedRoute(planned, cluster.kind)
  using closing = new DisposableStack()
  const api = closing.adopt(connectApi(cluster.kubeconfig, cluster), ({ close }) => close())
  const signal = AbortSignal.any([comparing.signal, cluster.lost, api.identityChanged])
  using machine = await prepareMachine(
    cluster,
    api,
    planned.some(({ via }) => via.kind === 'url'),
  )
  const { environment } = machine
  const planRun = (one: PlannedRun): RunPlan => {
    const plan = createRunPlan(one, { comparison, cluster: cluster.kind, environment, objects: base.workload })
    return addKeptFields(addKnownCapacity(plan, one, comparing), one, comparing)
  }
  const running = { ...comparing, planned, cluster, api, driverCode: await bundleDriver(engine), signal, runs }
  if (untilDecided) await runUntilDecided(planRun, { ...running, untilDecided })
  else {
    const built = buildComparisonPlan({ comparison, plans: planned.map(planRun), mostRepeats })
    const intended = resumed ? adoptResumedPlan(resumed, built) : built
    runs.push(...(resumed?.done ?? []))
    await runPlannedRounds(intended, running)
  }
  const ended = [cluster.lost, api.identityChanged].find(({ aborted }) => aborted)
  // The run in progress has reported it.
  const isTold = ended && runs.at(-1)?.analysis.sentence.includes(getErrorMessage(ended.reason))
  if (ended && !isTold) progress.say(`Stopped: ${getErrorMessage(ended.reason)}`)
  return runs
}

interface ExecuteRunsState extends ExecuteRunsOptions {
  cluster: Cluster
  api: RunOptions['api']
  driverCode: string
  runs: ReportedRun[]
}

/** Executes all runs in turn, then repeats disturbed rounds; each is recorded on disk before it begins. */
async function runPlannedRounds(intended: ComparisonPlan, running: ExecuteRunsState): Promise<void> {
  const { comparison, progress, signal, runs } = running
  const done = new Set(runs.map(({ dir }) => dir))
  const all = listRuns(intended)
  const missing = all.filter(({ dir }) => !done.has(dir))
  let laterMs = missing.reduce((sum, { plan }) => sum + estimateRunMs(plan.scenario), 0)
  if (signal.aborted) return
  writeComparison(comparison.directory, intended)
  for (const [index, { dir, plan }] of all.entries()) {
    if (signal.aborted) return
    if (done.has(dir)) continue
    const runMs = estimateRunMs(plan.scenario)
    laterMs -= runMs
    setInterruptedRunAside(join(comparison.directory, dir))
    const warning = plan.round === 1 ? formatCapacityWarning(plan) : null
    if (warning !== null) progress.say(`${plan.configuration.name}: ${warning}`)
    const title = `${index + 1}/${all.length} ${formatCellName(plan)}`
    await runAndJudge({ dir, plan, title, expected: { runMs, laterMs } }, running)
  }
  let whole = intended
  for (
    let repeat = findNextRepeat(whole, runs);
    repeat !== null && !signal.aborted;
    repeat = findNextRepeat(whole, runs)
  ) {
    whole = { ...whole, repeats: [...whole.repeats, repeat] }
    writeComparison(comparison.directory, whole)
    const plan = getRunPlan(whole, repeat)
    progress.say(`Round ${plan.round} of ${plan.configuration.name} is repeated. It was disturbed: ${repeat.because}`)
    const expected = { runMs: estimateRunMs(plan.scenario), laterMs: 0 }
    await runAndJudge({ dir: repeat.dir, plan, title: `again: ${formatCellName(plan)}`, expected }, running)
  }
}

/** Executes round after round, each recorded on disk before it begins, while there is something to decide and time for one more. */
async function runUntilDecided(
  planRun: (one: PlannedRun) => RunPlan,
  running: ExecuteRunsState & Required<Pick<ExecuteRunsOptions, 'untilDecided'>>,
): Promise<void> {
  const { comparison, planned, progress, signal, runs, untilDecided } = running
  const limits = { maxMs: untilDecided.maxMs, mostRuns: planned.length }
  const startedMs = performance.now()
  const plans: RunPlan[] = []
  for (const [round, block] of Map.groupBy(planned, (one) => one.round)) {
    if (signal.aborted) return
    plans.push(...block.map(planRun))
    const whole = buildComparisonPlan({ comparison, plans, mostRepeats: 0, untilDecided: limits })
    writeComparison(comparison.directory, whole)
    for (const { dir, plan } of listRuns(whole).slice(-block.length)) {
      if (signal.aborted) return
      // The number of further rounds is unknown.
      const expected = { runMs: estimateRunMs(plan.scenario), laterMs: 0 }
      await runAndJudge({ dir, plan, title: `round ${round}: ${formatCellName(plan)}`, expected }, running)
    }
    const mostRounds = planned.length / block.length
    const elapsedMs = performance.now() - startedMs
    const { goesOn, says } = lookAtRounds(compareConfigurations(runs), {
      round,
      mostRounds,
      elapsedMs,
      ...untilDecided,
    })
    if (says !== null) progress.say(says)
    if (!goesOn) return
  }
}

function formatCellName({ scenario, configuration }: RunPlan): string {
  return `${scenario.name} × ${configuration.name}`
}

/** Throws a usage Fault for an entry point that a cluster of this kind does not have. */
export function rejectUnsupportedRoute(planned: readonly PlannedRun[], kind: ClusterKind): void {
  const { facts } = providers[kind]
  if (facts.hasIngress || planned.every(({ via }) => via.kind !== 'ingress')) return
  throw new Fault(
    'usage',
    `Cannot take the load through an Ingress on ${facts.title}: it has none`,
    'Give --via nodeport, or --cluster kubeconfig with a cluster that has an ingress controller.',
  )
}

function addKnownCapacity(plan: RunPlan, { file }: PlannedRun, { base, capacities }: ExecuteRunsOptions): RunPlan {
  const capacity = capacities === undefined ? null : findCapacity(capacities, { base, patch: file.patch, plan })
  return capacity === null ? plan : { ...plan, capacity }
}

/** Other clusters implement all fields of a pod. */
function addKeptFields(plan: RunPlan, { file }: PlannedRun, { base }: ExecuteRunsOptions): RunPlan {
  const { enforcesPodFields } = providers[plan.cluster].facts
  const fields = enforcesPodFields ? [] : listKeptFields(base.workload, file.patch)
  return fields.length === 0 ? plan : { ...plan, keptFields: fields }
}

/** Adds the run to `runs` even if it threw: its log says why. */
async function runAndJudge(
  { dir, plan, title, expected }: { dir: string; plan: RunPlan; title: string; expected: ExpectedTime },
  running: ExecuteRunsState,
): Promise<void> {
  const { planned, base, driverCode, mayBePublic = false, api, signal, progress, runs } = running
  const { kubeconfig, recordNamespace, recordScaled } = running.cluster
  const runDir = join(running.comparison.directory, dir)
  const file = planned.find(
    ({ scenario, file }) => formatCellName({ ...plan, scenario, ...file }) === formatCellName(plan),
  )?.file
  if (file === undefined) throw new RangeError(`Cannot run ${formatCellName(plan)}: it is not planned`)
  const shown = progress.beginRun(title, expected)
  let [said, verdict]: [string, Verdict | undefined] = ['failed', undefined]
  const judgeRun = async (): Promise<void> => {
    const judged = await judgeDirectory(runDir)
    for (const error of judged.unwritten.slice(0, 1)) progress.say(getErrorMessage(error))
    runs.push(...judged.runs.map((run) => ({ ...run, dir })))
    const [first] = judged.runs
    if (first) [said, verdict] = [first.analysis.sentence, first.analysis.verdict]
  }
  try {
    const onRecord: RunOptions['onRecord'] = (record) => shown.see(record)
    const nodeClock = await readNodeClock(running.cluster).catch(() => null)
    const what = {
      plan,
      patch: file.patch,
      source: describeSource(file),
      base,
      driverCode,
      kubeconfig,
      mayBePublic,
      onOutput: (line: string) => progress.say(line),
      nodeClock,
      ...(recordNamespace && { recordNamespace }),
      ...(recordScaled && { recordScaled }),
    }
    await executeRun({ ...what, api, runDir, signal, onRecord })
    await judgeRun()
  } catch (error) {
    // Without a plan on disk there is nothing to judge, and the first error counts.
    if (hasLog(runDir)) await judgeRun().catch(() => undefined)
    throw error
  } finally {
    shown.end(said, verdict)
  }
}
