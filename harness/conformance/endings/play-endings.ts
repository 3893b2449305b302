/** Plays each ending in each setting under load, as `nodrop run` does, and holds every loss's blame against what is known of it. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { choose, readScenarios } from '../../catalogue/catalogue.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Paths } from '../../commands/clusters.ts'
import { newComparison } from '../../commands/comparison.ts'
import type { PlannedRun } from '../../commands/comparison.ts'
import { readBase, runEach } from '../../commands/run-each.ts'
import { readLog } from '../../log/reader.ts'
import type { Configuration, Scenario } from '../../model/plan.ts'
import type { Outcome } from '../../model/record.ts'
import type { AttributedBy } from '../../model/loss.ts'
import type { Loss, Verdict } from '../../model/result.ts'
import type { ReportedRun } from '../../report/reported-run.ts'
import type { Progress } from '../../terminal/progress.ts'
import type { Ending, Setting } from './endings.ts'
import { networkNamespaces } from './network-namespaces.ts'
import { listenToServers } from './servers.ts'
import type { Heard } from './servers.ts'
import { watchSyns } from './syns.ts'
import type { Syn } from './syns.ts'
import { blameOf, blames, truthFinder } from './truth.ts'
import type { Blame } from './truth.ts'
import { patchOf, workloadOf } from './workload.ts'

export interface Played {
  ending: string
  setting: string
  cluster: string
  verdict: Verdict
  because: readonly string[]
  sent: number
  lost: number
  /** Kinds of loss, the most frequent first. */
  kinds: [Outcome, number][]
  blames: Record<Blame, number>
  /** Losses of which a wrong pod is named, or candidates that are all wrong. */
  wrong: WrongBlame[]
  /** Requests, lost or not, of which the kernel says that SYNs of one connection went to different pods. */
  moved: number
  /** Answered requests by which the truth itself was checked: the pod that answered is the one that the kernel chose. */
  checked: number
  /** Where it was not, or where a server had a lost request that the kernel had sent elsewhere. */
  contradictions: string[]
  runDir: string
}

export interface WrongBlame {
  seq: number
  outcome: Outcome
  sentMs: number
  settledMs: number
  blamed: string[]
  by: AttributedBy | null
  truth: string | null
}

export interface EndingsOptions {
  paths: Paths
  /** Gets the directory of every run, with its log and report. */
  out: string
  /** Default: the scenario `rollout`. */
  scenario?: Scenario
  progress: Progress
  signal: AbortSignal
  onPlayed: (played: Played) => void
}

/** In the order given; fewer when the signal aborts. Throws a Fault where this machine does not let connections be watched. */
export async function playEndings(
  cluster: Cluster,
  pairs: readonly (readonly [Ending, Setting])[],
  options: EndingsOptions,
): Promise<Played[]> {
  await using syns = await watchSyns(await networkNamespaces(cluster))
  const played: Played[] = []
  for (const [ending, setting] of pairs) {
    if (options.signal.aborted) break
    await using listening = await listenToServers(cluster.kubeconfig)
    const [run, runDir] = await runOnce(cluster, plannedOf(ending, setting, options), options)
    const heard = await listening.end()
    if (!run) break
    const one = await compared(run, runDir, { syns: await syns.read(), heard })
    played.push({ ...one, ending: ending.name, setting: setting.name, cluster: cluster.kind })
    options.onPlayed(played.at(-1)!)
  }
  return played
}

function plannedOf(ending: Ending, setting: Setting, { paths, scenario }: EndingsOptions): PlannedRun {
  const [usual] = choose(readScenarios(paths.scenarios), ({ name }) => name, 'scenario', ['rollout'])
  const asked = scenario ?? usual
  if (!asked) throw new Error('There is no scenario rollout')
  const configuration: Configuration = {
    name: `${ending.name}-${setting.name}`,
    expects: ending.name === 'drain' && !setting.recreates ? 'loses-none' : 'loses',
    hypothesis: `a server whose end is "${ending.name}", with ${setting.name}`,
    pitfalls: [],
  }
  const file = { configuration, patch: patchOf(ending, setting) }
  return { scenario: asked, file, drivers: 1, via: { kind: 'service' }, round: 1, seed: 1 }
}

async function runOnce(
  cluster: Cluster,
  one: PlannedRun,
  { paths, out, progress, signal }: EndingsOptions,
): Promise<[run: ReportedRun | undefined, runDir: string]> {
  const comparison = newComparison(out, new Date())
  mkdirSync(comparison.directory, { recursive: true })
  const base = { ...readBase(paths.manifests), workload: workloadOf() }
  const [run] = await runEach(cluster, { planned: [one], base, comparison, engine: 'driver', progress, signal })
  return [run, join(comparison.directory, run?.dir ?? '')]
}

/** What came of a run, with each loss held against the truth, and the truth against every answer. */
async function compared(
  { plan, analysis }: ReportedRun,
  runDir: string,
  seen: { syns: readonly Syn[]; heard: Heard },
): Promise<Omit<Played, 'ending' | 'setting' | 'cluster'>> {
  let find: ReturnType<typeof truthFinder> | null = null
  let [moved, checked] = [0, 0]
  const contradictions: string[] = []
  for await (const record of readLog(runDir)) {
    if (record.type === 'begin') {
      find = truthFinder({ ...seen, originMs: Date.parse(record.wallClock), runToken: plan.runId })
    }
    const truth = record.type === 'request' && record.request.lane !== 'control' && find?.(record.request)
    if (!truth) continue
    if (truth.moved) moved++
    if (truth.contradiction !== null) contradictions.push(truth.contradiction)
    else if (record.request.outcome === 'ok' && truth.by === 'both') checked++
  }
  const judged = analysis.losses.map((loss) => {
    const truth = find?.(loss.request) ?? null
    return { loss, truth, blame: blameOf(loss, truth) }
  })
  const { verdict, because, ledger } = analysis
  return {
    verdict,
    because,
    sent: ledger.sent,
    lost: ledger.lost,
    kinds: (Object.entries(ledger.outcomes) as [Outcome, number][])
      .filter(([outcome, count]) => outcome !== 'ok' && count > 0)
      .sort(([, a], [, b]) => b - a),
    blames: Object.fromEntries(
      blames.map((name) => [name, judged.filter(({ blame }) => blame === name).length]),
    ) as Played['blames'],
    wrong: judged
      .filter(({ blame }) => blame === 'wrong')
      .map(({ loss, truth }) => wrongBlame(loss, truth?.pod ?? null)),
    moved,
    checked,
    contradictions,
    runDir,
  }
}

function wrongBlame(loss: Loss, truth: string | null): WrongBlame {
  const { request, outcome, pod, candidates, attributedBy } = loss
  return {
    seq: request.seq,
    outcome,
    sentMs: (request.sentUs ?? 0) / 1000,
    settledMs: request.settledUs / 1000,
    blamed: candidates.length > 0 ? candidates : pod === null ? [] : [pod],
    by: attributedBy,
    truth,
  }
}
