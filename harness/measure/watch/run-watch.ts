/** One watch from its options to its report: the target is found as for a run that attaches to it, and then only observed. */
import { connectApi } from '../../cluster/api.ts'
import type { Preview } from '../attach/preview.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { readNodeClock } from '../../cluster/clusters.ts'
import { describeSource } from '../../plan/catalogue.ts'
import { judgeDirectory } from '../../judge/judge-directory.ts'
import type { ReportedRuns } from '../../judge/judge-directory.ts'
import { formatWatchSentences } from '../../judge/verdict/watch-sentences.ts'
import { bundleDriver } from '../../load/service/bundle.ts'
import { readWatch } from '../../log/watch/watch-file.ts'
import type { RunPlan } from '../../model/plan.ts'
import { executeWatch } from '../../run/watch/execute-watch.ts'
import type { WatchLimits, WatchRunOptions } from '../../run/watch/execute-watch.ts'
import { createRunPlan } from '../plan-runs.ts'
import type { Progress, RunProgress } from '../progress.ts'
import { prepareMachine } from '../prepare-machine.ts'
import { runComparison } from '../run-comparison.ts'
import type { MeasureContext, RunComparisonOptions } from '../run-comparison.ts'
import type { ExecuteRunsOptions } from '../execute-runs.ts'
import { WatchBook } from './watch-book.ts'

export interface WatchResult {
  directory: string
  /** `null` if the load never began. */
  judged: ReportedRuns | null
  failure?: unknown
  /** What would be done, if only that was requested. */
  preview?: Preview
}

/** Throws a usage Fault for contradictory options, before anything is started. */
export async function runWatch(
  options: RunComparisonOptions,
  limits: WatchLimits,
  context: MeasureContext,
): Promise<WatchResult> {
  const { directory, failure, preview } = await runComparison(
    { ...options, isWatched: true },
    {
      ...context,
      perform: async (cluster, comparing) => {
        await watchPlanned(cluster, comparing, limits)
        return []
      },
    },
  )
  if (preview) return { directory, judged: null, preview }
  const judged = readWatch(directory) === null ? null : await judgeDirectory(directory)
  return { directory, judged, ...(failure !== undefined && { failure }) }
}

async function watchPlanned(cluster: Cluster, comparing: ExecuteRunsOptions, limits: WatchLimits): Promise<void> {
  using closing = new DisposableStack()
  const api = closing.adopt(connectApi(cluster.kubeconfig, cluster), ({ close }) => close())
  const signal = AbortSignal.any([comparing.signal, cluster.lost, api.identityChanged])
  const { base, comparison, engine, mayBePublic = false, progress, planned } = comparing
  const [one] = planned
  if (one === undefined) throw new RangeError('Cannot watch: nothing is planned')
  using machine = await prepareMachine(cluster, api, one.via.kind === 'url')
  const { environment } = machine
  const site = { comparison, cluster: cluster.kind, environment, objects: base.workload }
  const plan = withoutLogs(createRunPlan(one, site))
  const { recordNamespace } = cluster
  const watch = {
    plan,
    api,
    base,
    signal,
    limits,
    mayBePublic,
    source: describeSource(one.file),
    driverCode: await bundleDriver(engine),
    nodeClock: await readNodeClock(cluster).catch(() => null),
    ...(recordNamespace && { recordNamespace }),
    directory: comparison.directory,
  }
  const book = new WatchBook(comparison.directory, comparison.id, plan)
  let said = 'failed'
  const shown = progress.beginRun(`watching ${book.session.target}`)
  try {
    const { ending, account } = await executeWatch({ ...watch, ...createListeners(book, shown, progress) })
    book.write(account, ending)
    said = formatWatchSentences(book.session)[0] ?? said
  } catch (error) {
    // An interrupt before the load has begun explains itself.
    if (!comparing.signal.aborted) throw error
    said = 'interrupted'
  } finally {
    shown.end(said)
  }
}

/** Lines about requests in servers' logs would have to be kept as long as the watch lasts. */
function withoutLogs(plan: RunPlan): RunPlan {
  const { workload } = plan
  return { ...plan, workload: { ...workload, containers: { ...workload.containers, logs: [] } } }
}

type Listeners = Pick<WatchRunOptions, 'onRecord' | 'onSign' | 'onClosed' | 'onAccount' | 'onNotice'>

function createListeners(book: WatchBook, shown: RunProgress, progress: Progress): Listeners {
  return {
    onRecord: (record) => shown.see(record),
    onSign: (number, { says }) => progress.say(`Episode ${number}: ${says}`),
    onAccount: (account) => book.write(account),
    onNotice: (line) => progress.say(line),
    async onClosed(episode) {
      const { number, what, verdict, sentence } = await book.add(episode)
      progress.say(`Episode ${number} (${what}), ${verdict}: ${sentence}`)
    },
  }
}
