/** Why a row lost requests, or why it lost none: sentences made from what was seen of its pods, and of nothing else. */
import type { WorkloadContainers } from '../../model/workload.ts'
import type { Analysis, Loss } from '../../model/result.ts'
import { explainNoLoss, explainStops, explainers } from './cause-sentences.ts'
import type { Seen, Way } from './cause-sentences.ts'
import { findLongestUpstream, findRowMargin } from './row-margin.ts'

type JudgedRound = Pick<Analysis, 'round' | 'margins' | 'losses' | 'pods'>

/** The weightiest first; none where no round was judged. */
export function explainRow(rounds: readonly JudgedRound[], containers: WorkloadContainers): string[] {
  if (rounds.length === 0) return []
  const margins = rounds.flatMap((one) => one.margins)
  const leaving = new Set(margins.map(({ pod }) => pod))
  const losses = rounds.flatMap((one) => one.losses)
  const ways = Map.groupBy(losses, (loss) => classifyLoss(loss, leaving))
  const seen: Seen = {
    containers,
    pods: new Map(
      rounds.flatMap(({ pods }) => pods.filter(({ pod }) => leaving.has(pod)).map((pod) => [pod.pod, pod])),
    ),
    margin: findRowMargin(rounds),
    upstream: findLongestUpstream(rounds),
    ways,
  }
  const sorted = [...ways].sort(([, a], [, b]) => b.length - a.length)
  const says =
    losses.length === 0 ? explainNoLoss(seen) : sorted.map(([way, members]) => explainers[way](members, seen))
  return [...says, ...explainStops(seen)]
}

const cuts: ReadonlySet<string> = new Set([
  'closed-before-response',
  'reset-before-response',
  'truncated',
  'reset-in-body',
])
const silences: ReadonlySet<string> = new Set(['connect-timeout', 'unreachable', 'timeout-headers', 'timeout-body'])
const gatewayStatuses: ReadonlySet<number | null> = new Set([502, 503, 504])

function classifyLoss(
  { outcome, request, podless, origin, pod, attributedBy }: Loss,
  leaving: ReadonlySet<string>,
): Way {
  if (origin === 'controller') return 'controller'
  if (podless === 'certain') return 'podless'
  if (pod !== null && attributedBy !== null && !leaving.has(pod)) return 'stayed'
  if (outcome === 'refused') return 'refused'
  if (outcome === 'http-5xx' && gatewayStatuses.has(request.status)) return 'upstream'
  if (cuts.has(outcome)) return 'cut'
  return silences.has(outcome) ? 'unanswered' : 'other'
}
