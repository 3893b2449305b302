/** One comparison from its options to its report: a cluster, every run in turn, and the conclusions. */
import { join, resolve } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { acquireCluster } from '../cluster/clusters.ts'
import type { ClusterChoice, Paths } from '../cluster/clusters.ts'
import {
  attachPermissions,
  listDisruptPermissions,
  listTargetPermissions,
  outsidePermissions,
} from '../cluster/context/attach-permissions.ts'
import type { ClusterFacts } from '../cluster/provider.ts'
import { providers } from '../cluster/providers.ts'
import { rejectUnusedOptions, resolveContext } from '../cluster/context-options.ts'
import type { ContextCliOptions } from '../cluster/context-options.ts'
import type { ContextOptions } from '../cluster/context/preflight.ts'
import { resolveListedRequests } from '../load/client/listed-requests.ts'
import { reportRuns } from '../judge/judge-directory.ts'
import type { ReportedRuns } from '../judge/judge-directory.ts'
import type { ReportedRun } from '../judge/report/reported-run.ts'
import { listDisruptions } from '../model/steps/order.ts'
import { runScenarioModules } from '../plan/catalogue.ts'
import { rejectMissingProgram } from '../run/disrupt/command.ts'
import { readAttachment } from './attach/attachment.ts'
import type { Attachment, AttachOptions } from './attach/attachment.ts'
import { rejectOtherClusters } from './attach/other-cluster.ts'
import { planAttachedRuns } from './attach/plan-attached.ts'
import { formatPreview } from './attach/preview.ts'
import type { Preview } from './attach/preview.ts'
import { workloadKindByTarget } from './attach/target.ts'
import { readBaseManifests, rejectTooManyDrivers } from './objects/base-manifests.ts'
import type { DriverPodOptions } from './objects/base-manifests.ts'
import { createComparison, findMissingDirectory, removeEmptyDirectories } from './comparison-directory.ts'
import { planComparison } from './plan-runs.ts'
import { withResumedTwin } from './plan-cells.ts'
import { listMissingRuns, planResumedCells, readResumedComparison } from './resume/resume-comparison.ts'
import type { ResumedComparison } from './resume/resume-comparison.ts'
import type { ComparisonOptions } from './plan-runs.ts'
import { computeMaxRepeats } from './rounds-and-repeats.ts'
import { formatEstimate } from './estimate.ts'
import type { Progress } from './progress.ts'
import { rejectUnsupportedRoute, executeRuns } from './execute-runs.ts'
import type { ExecuteRunsOptions } from './execute-runs.ts'
import { rewriteImages } from './objects/sample-images.ts'
import { rejectInvalidObjects } from './objects/validate-objects.ts'

export interface RunComparisonOptions extends ComparisonOptions, ContextCliOptions, DriverPodOptions, AttachOptions {
  cluster: ClusterChoice
  kindImage?: string
  /** Keeps a kind cluster that was started for this. */
  keep?: boolean
  /** The parent of the comparison's directory. */
  out: string
  /** The directory of an interrupted comparison, whose missing runs are executed. */
  resume?: string
}

export interface ComparisonResult {
  directory: string
  /** `null` if no run began, or none was completed before the failure. */
  judged: ReportedRuns | null
  /** What ended the comparison early, to be reported after the results. */
  failure?: unknown
  /** What would be done, if only that was requested. */
  preview?: Preview
}

export interface MeasureContext {
  paths: Paths
  progress: Progress
  /** Interrupts: the present run ends properly, and no other begins. */
  signal: AbortSignal
  /** Returns the cluster, which is disposed of at the end; default: the running one, or a new one. */
  acquire?: typeof acquireCluster
  /** Executes the planned runs once their cluster answers; default: each in turn. */
  perform?: typeof executeRuns
}

/** For a comparison that continues until all is decided. */
const defaultMaxMs = 30 * 60_000

/** Throws a usage Fault for contradictory options, before anything is started. */
export async function runComparison(given: RunComparisonOptions, context: MeasureContext): Promise<ComparisonResult> {
  if (given.max !== undefined && !given.untilDecided) {
    throw new Fault('usage', 'Cannot use --max without --until-decided', 'Use --rounds for a fixed number of rounds.')
  }
  // A watch, a command of the user's and what is resumed take no scenario from the folder.
  const takesScenarios = !given.isWatched && !given.command?.length && given.resume === undefined
  if (takesScenarios) await runScenarioModules(given.scenarios)
  const attachment = readAttachment(given)
  const resumed = given.resume === undefined ? null : await readResumedComparison(resolve(given.resume))
  const asked = given.cluster === 'auto' ? (resumed?.plan.cells[0]?.cluster ?? 'auto') : given.cluster
  const options: RunComparisonOptions = {
    ...withResumedTwin(given, resumed),
    cluster: attachment ? 'kubeconfig' : asked,
  }
  rejectUnusedOptions(options.cluster, options)
  const { planned, base } = planRuns(options, { attachment, resumed })
  // Variables that requests use must be set before a cluster is contacted.
  for (const { load } of attachment?.scenarios ?? []) resolveListedRequests(load, '/')
  const named = findFacts(options)?.isNamedByContext ? resolveContext(options) : undefined
  if (named && attachment) rejectOtherClusters(attachment.scenarios, named.context, options.kubeconfig)
  const attaching = attachment && named ? prepareAttaching(attachment, named) : null
  // A target that is refused leaves no directory behind.
  const missing = attachment ? findMissingDirectory(resolve(options.out)) : null
  const comparison = resumed ?? createComparison(resolve(options.out), new Date())
  const { directory } = comparison
  // A target is not disrupted more often than requested.
  const { repeats: mostRepeats = attachment ? 0 : computeMaxRepeats(options.rounds) } = options
  const untilDecided = options.untilDecided ? { maxMs: options.max ?? defaultMaxMs } : undefined
  const runs: ReportedRun[] = []
  const comparing: ExecuteRunsOptions = {
    planned,
    base,
    comparison,
    engine: planned[0]?.scenario.load.closedLoop?.engine ?? options.engine,
    capacities: join(context.paths.reports, 'capacity'),
    mostRepeats,
    ...(untilDecided && { untilDecided }),
    runs,
    ...(resumed && { resumed }),
    mayBePublic: options.allowContext !== undefined,
    progress: context.progress,
    signal: context.signal,
  }
  try {
    const { paths, perform = executeRuns, acquire = acquireCluster } = context
    const site = { paths, perform, acquire, attaching, named: attaching?.named ?? named }
    const preview = await runOnCluster(options, comparing, site)
    if (preview !== null) return { directory, judged: null, preview }
  } catch (failure) {
    // A later failure, or one in another run, does not hide the results.
    const isMeasured = runs.some(({ analysis }) => analysis.ending === 'complete')
    return { directory, judged: isMeasured ? await reportRuns(directory, runs) : null, failure }
  } finally {
    removeEmptyDirectories(directory, missing)
  }
  return { directory, judged: runs.length === 0 ? null : await reportRuns(directory, runs) }
}

/** Undefined while the choice of the cluster is open. */
function findFacts({ cluster }: RunComparisonOptions): ClusterFacts | undefined {
  return cluster === 'auto' ? undefined : providers[cluster].facts
}

interface PlanningContext {
  attachment: Attachment | null
  resumed: ResumedComparison | null
}

/** The runs to execute. A cluster that nodrop did not start has the sample images elsewhere. */
function planRuns(
  options: RunComparisonOptions,
  { attachment, resumed }: PlanningContext,
): Pick<ExecuteRunsOptions, 'planned' | 'base'> {
  // Runs on a target are planned once it has been read.
  const planned = attachment ? [] : resumed ? planResumedCells(resumed, options) : planComparison(options)
  // Before the cluster is started; with --cluster auto its kind is still unknown.
  if (options.cluster !== 'auto') rejectUnsupportedRoute(planned, options.cluster)
  const base = readBaseManifests(options.manifests, options)
  if (options.cluster !== 'kubeconfig') rejectTooManyDrivers(planned[0]?.drivers ?? 1, base.driver)
  if (!findFacts(options)?.pullsImages) return { planned, base }
  const withRegistry = <T>(value: T): T => rewriteImages(value, options.imageRegistry)
  const placed = planned.map((one) => ({ ...one, file: { ...one.file, patch: withRegistry(one.file.patch) } }))
  return { planned: placed, base: withRegistry(base) }
}

interface Attaching {
  attachment: Attachment
  namespace: string
  named: ContextOptions
}

/** The cluster of the target, and the permissions that the user of its context needs there. */
function prepareAttaching(attachment: Attachment, named: ContextOptions): Attaching {
  const { target, scenarios, url } = attachment
  const namespace = target.namespace ?? named.context.namespace ?? 'default'
  const kind = workloadKindByTarget[target.kind]
  const disrupting = scenarios
    .flatMap(({ steps }) => listDisruptions(steps))
    .flatMap(({ step }) => listDisruptPermissions(step.kind, kind))
  const needs = [...listTargetPermissions(kind), ...disrupting]
  const own = url === null ? attachPermissions : outsidePermissions
  return { attachment, namespace, named: { ...named, target: { namespace, needs, own } } }
}

interface Site {
  paths: Paths
  perform: typeof executeRuns
  acquire: typeof acquireCluster
  named: ContextOptions | undefined
  attaching: Attaching | null
}

/** Runs on one cluster, which is gone when this resolves unless it existed before. Returns a preview if only that was requested. */
async function runOnCluster(
  options: RunComparisonOptions,
  comparing: ExecuteRunsOptions,
  { paths, perform, acquire, named, attaching }: Site,
): Promise<Preview | null> {
  const { comparison, planned, resumed, progress, signal } = comparing
  const log = (line: string): void => progress.say(line)
  if (!attaching) log(formatEstimate(resumed ? listMissingRuns(resumed, planned) : planned, comparing.untilDecided))
  await using cluster = await acquire(options.cluster, {
    paths,
    stateDir: comparison.directory,
    comparison: comparison.id,
    log,
    signal,
    keep: options.keep ?? false,
    disruptions: planned.flatMap(({ scenario }) => listDisruptions(scenario.steps)).map(({ step }) => step.kind),
    ...(named && { named }),
    ...(options.kindImage !== undefined && { kindImage: options.kindImage }),
  })
  log(cluster.description)
  if (attaching) return await runAttached(cluster, { options, comparing, attaching, perform })
  try {
    await rejectInvalidObjects(cluster, { ...comparing, manifests: options.manifests })
  } catch (error) {
    // After an interrupt it is clear why there is no result.
    if (signal.aborted) return null
    throw error
  }
  await perform(cluster, comparing)
  return null
}

async function runAttached(
  cluster: Cluster,
  {
    options,
    comparing,
    attaching,
    perform,
  }: {
    options: RunComparisonOptions
    comparing: ExecuteRunsOptions
    attaching: Attaching
    perform: typeof executeRuns
  },
): Promise<Preview | null> {
  const { attachment, namespace } = attaching
  const { planned, objects, preview } = await planAttachedRuns(cluster, namespace, { attachment, asked: options })
  if (attachment.isDryRun) return preview
  if (options.command?.length) rejectMissingProgram(options.command)
  for (const line of formatPreview(preview)) comparing.progress.say(line)
  await perform(cluster, { ...comparing, planned, base: { ...comparing.base, workload: objects } })
  return null
}
