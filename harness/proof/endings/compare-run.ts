/** Compares the conclusions about a run with the observations of kernel and servers: from the files in its directory alone. */
import { readLog } from '../../log/reader.ts'
import type { AttributedBy } from '../../model/loss.ts'
import type { Outcome } from '../../model/record.ts'
import type { Loss, Verdict } from '../../model/result.ts'
import type { ReportedRun } from '../../judge/report/reported-run.ts'
import { classifyBlame, blames, createTruthFinder } from './truth.ts'
import type { Blame } from './truth.ts'
import { readWitnesses } from '../wire/witness-file.ts'

export interface PlayedEnding {
  ending: string
  setting: string
  cluster: string
  verdict: Verdict
  because: readonly string[]
  sent: number
  lost: number
  /** Kinds of loss, most frequent first. */
  kinds: [Outcome, number][]
  blames: Record<Blame, number>
  /** Losses with a wrong pod, or with only wrong candidates. */
  wrong: WrongBlame[]
  /** Requests, lost or not, for which the kernel saw SYNs of one connection go to different pods. */
  moved: number
  /** Answered requests with which the truth itself was checked: the pod that answered is the one that the kernel chose. */
  checked: number
  /** Requests for which it was not, or which a server had although the kernel had sent them elsewhere. */
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

/** The result of a run, with each loss compared with the truth, and the truth with every answer. */
export async function compareRun({ plan, analysis }: ReportedRun, runDir: string): Promise<PlayedEnding> {
  const { ending, setting, ...seen } = readWitnesses(runDir)
  let find: ReturnType<typeof createTruthFinder> | null = null
  let [moved, checked] = [0, 0]
  const contradictions: string[] = []
  for await (const record of readLog(runDir)) {
    if (record.type === 'begin') {
      find = createTruthFinder({ ...seen, originMs: Date.parse(record.wallClock), runToken: plan.runId })
    }
    const truth = record.type === 'request' && record.request.lane !== 'control' && find?.(record.request)
    if (!truth) continue
    if (truth.moved) moved++
    if (truth.contradiction !== null) contradictions.push(truth.contradiction)
    else if (record.request.outcome === 'ok' && truth.by === 'both') checked++
  }
  const judged = analysis.losses.map((loss) => {
    const truth = find?.(loss.request) ?? null
    return { loss, truth, blame: classifyBlame(loss, truth) }
  })
  const { verdict, because, ledger } = analysis
  return {
    ending,
    setting,
    cluster: plan.cluster,
    verdict,
    because,
    sent: ledger.sent,
    lost: ledger.lost,
    kinds: (Object.entries(ledger.outcomes) as [Outcome, number][])
      .filter(([outcome, count]) => outcome !== 'ok' && count > 0)
      .sort(([, a], [, b]) => b - a),
    blames: Object.fromEntries(
      blames.map((name) => [name, judged.filter(({ blame }) => blame === name).length]),
    ) as PlayedEnding['blames'],
    wrong: judged
      .filter(({ blame }) => blame === 'wrong')
      .map(({ loss, truth }) => toWrongBlame(loss, truth?.pod ?? null)),
    moved,
    checked,
    contradictions,
    runDir,
  }
}

function toWrongBlame(loss: Loss, truth: string | null): WrongBlame {
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
