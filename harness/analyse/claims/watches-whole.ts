/** Nothing that happened to the pods went unseen. */
import { duration } from '../wording.ts'
import type { Case, Claim } from './claim.ts'
import { figure, finding } from './claim.ts'

export const watchesWhole: Claim = {
  name: 'watches-whole',
  says: 'The cluster was watched without a gap while the load went on',
  evidence: 'every `gap`: a watch that was cut and could not go on where it was, an API server that did not answer',
  tolerance: 'none: what happened to a pod in a gap cannot be told, and losses in it cannot be tied to anything',
  conclusions: ['none-lost', 'whose'],
  hold: (run) => {
    const gaps = gapsOf(run)
    return finding(
      gaps.map(({ what, why, from, t }) => `nothing was seen of ${what} for ${duration(t - from)}: ${why}`),
      [figure('gaps', 'count', gaps.length, 0)],
    )
  },
}

function gapsOf({ evidence: { seen }, phases }: Case): typeof seen.gap {
  const [fromUs, toUs] = [phases[0]?.fromUs ?? 0, phases.at(-1)?.toUs ?? 0]
  return seen.gap.filter((gap) => gap.from < toUs && gap.t >= fromUs)
}
