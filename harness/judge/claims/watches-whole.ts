/** The watches missed nothing that happened to the pods. */
import type { PodTimeline } from '../../model/result.ts'
import { formatDuration, formatList } from '../../base/figures.ts'
import type { ClaimInput, Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

export const watchesWhole: Claim = {
  name: 'watches-whole',
  says: 'The cluster was watched without a gap while the load went on',
  evidence:
    'every `gap`: a watch that was cut and could not go on where it was, an API server that did not answer; `endpoints` against `pod`',
  tolerance:
    'none: what happened to a pod in a gap is unknown, and losses in it cannot be tied to anything; each pod that answered was seen among the ready endpoints, and none that is gone still is',
  conclusions: ['none-lost', 'whose'],
  disturbance: true,
  check: (run) => {
    const gaps = listWatchGaps(run)
    const { unseen, left } = groupEndpointProblems(run)
    return toClaimCheck(
      [
        ...gaps.map(({ what, why, from, t }) => `nothing was seen of ${what} for ${formatDuration(t - from)}: ${why}`),
        unseen.length === 0
          ? null
          : `${formatList(unseen)} answered without having been seen among the ready endpoints`,
        left.length === 0 ? null : `${formatList(left)} left without having been seen to leave the ready endpoints`,
      ],
      [
        createFigure('gaps', 'count', gaps.length, 0),
        createFigure('pods whose endpoint was not seen', 'count', unseen.length + left.length, 0),
      ],
    )
  },
}

/** Pods for which the watches of endpoints and of pods contradict each other. */
function groupEndpointProblems({
  evidence: { answered, seen },
  pods,
}: ClaimInput): Record<'unseen' | 'left', string[]> {
  const ready = new Set(
    seen.endpoints.flatMap(({ endpoints }) => endpoints.flatMap((one) => (one.ready ? [one.pod] : []))),
  )
  const listNames = (keep: (life: PodTimeline) => boolean): string[] =>
    pods
      .filter(keep)
      .map(({ pod }) => pod)
      .sort()
  return {
    unseen: listNames(({ pod }) => answered.has(pod) && !ready.has(pod)),
    left: listNames(
      ({ pod, goneUs, endpointRemovedUs }) => goneUs !== null && ready.has(pod) && endpointRemovedUs === null,
    ),
  }
}

function listWatchGaps({ evidence: { seen }, phases }: ClaimInput): typeof seen.gap {
  const [fromUs, toUs] = [phases[0]?.fromUs ?? 0, phases.at(-1)?.toUs ?? 0]
  return seen.gap.filter((gap) => gap.from < toUs && gap.t >= fromUs)
}
