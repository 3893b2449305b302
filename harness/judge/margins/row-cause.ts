/** Why a row lost requests or lost none: sentences based only on what was seen of its pods. */
import type { WorkloadContainers } from '../../model/workload.ts'
import type { PodMargin } from '../../model/figures/margin.ts'
import type { Analysis, Loss, PodTimeline } from '../../model/result.ts'
import { explainNoLoss, explainStops, explainers } from './cause-sentences.ts'
import type { Seen, Way } from './cause-sentences.ts'
import { cutOutcomes } from './cut-outcomes.ts'
import { findLongestUpstream, findRowMargin } from './row-margin.ts'

type JudgedRound = Pick<Analysis, 'round' | 'margins' | 'losses' | 'pods'>

/** Most important first; empty where no round was judged. */
export function explainRow(rounds: readonly JudgedRound[], containers: WorkloadContainers): string[] {
  if (rounds.length === 0) return []
  const lives = traceLeaving(rounds)
  const losses = rounds.flatMap((one) => one.losses)
  const ways = Map.groupBy(losses, (loss) => classifyLoss(loss, lives))
  const seen: Seen = {
    containers,
    lives,
    leaving: rounds.flatMap(({ margins }) => margins.flatMap((margin) => lives.get(margin) ?? [])),
    margin: findRowMargin(rounds),
    upstream: findLongestUpstream(rounds),
    ways,
  }
  const sorted = [...ways].sort(([, a], [, b]) => b.length - a.length)
  const says =
    losses.length === 0 ? explainNoLoss(seen) : sorted.map(([way, members]) => explainers[way](members, seen))
  return [...says, ...explainStops(seen)]
}

/** Pods of different rounds may have the same name. */
function traceLeaving(rounds: readonly JudgedRound[]): Seen['lives'] {
  const lives = new Map<Loss | PodMargin, PodTimeline>()
  for (const { margins, losses, pods } of rounds) {
    const leaving = new Set(margins.map(({ pod }) => pod))
    const byName = new Map(pods.filter(({ pod }) => leaving.has(pod)).map((pod) => [pod.pod, pod]))
    for (const one of [...margins, ...losses]) {
      const life = one.pod === null ? undefined : byName.get(one.pod)
      if (life) lives.set(one, life)
    }
  }
  return lives
}

const silences: ReadonlySet<string> = new Set(['connect-timeout', 'unreachable', 'timeout-headers', 'timeout-body'])
const gatewayStatuses: ReadonlySet<number | null> = new Set([502, 503, 504])

function classifyLoss(loss: Loss, lives: Seen['lives']): Way {
  const { outcome, request, podless, origin, pod, attributedBy } = loss
  if (origin === 'controller') return 'controller'
  if (podless === 'certain') return 'podless'
  if (pod !== null && attributedBy !== null && !lives.has(loss)) return 'stayed'
  if (outcome === 'refused') return 'refused'
  if (outcome === 'http-5xx' && gatewayStatuses.has(request.status)) return 'upstream'
  if (cutOutcomes.has(outcome)) return 'cut'
  return silences.has(outcome) ? 'unanswered' : 'other'
}
