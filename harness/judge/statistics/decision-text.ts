/** Decisions in words, the same in a terminal and in Markdown. */
import { formatCount, formatList, formatPlural } from '../../base/figures.ts'
import type { Decision } from '../../model/figures/decision.ts'

/** Up to this number, undecided pairs are named. */
const maxNamed = 2

/**
 * A line for each configuration that is better than others, one for all undecided pairs, and one for a configuration that was played twice.
 * Empty without pairs.
 */
export function formatDecisions(decisions: readonly Decision[]): string[] {
  const groups = Map.groupBy(
    decisions.filter(({ isSame }) => !isSame),
    ({ scenario, cluster }) => `${scenario} on ${cluster}`,
  )
  const lines = [...groups].flatMap(([name, members]) => {
    const says = [...formatDecided(members), ...formatUndecided(members)]
    return groups.size > 1 ? says.map((line) => `${name}: ${line}`) : says
  })
  return [...lines, ...decisions.filter(({ isSame }) => isSame).map(formatTwins)]
}

/** The table may show that the better one has lost more: in one round with a long burst. */
const reasons = {
  'rounds-with-loss': 'it loses requests in fewer rounds',
  'lost-per-round': 'it loses fewer requests in a round',
  p50: 'its median latency is lower',
  p99: 'its p99 latency is lower',
} as const

/** `graceful is better than naive and exec: it loses requests in fewer rounds (p ≤ 0.003)`. */
function formatDecided(decisions: readonly Decision[]): string[] {
  const decided = decisions
    .filter(({ relation }) => relation !== '~')
    .map(({ first, second, relation, p, by }) => {
      const [better, worse] = relation === 'better' ? [first, second] : [second, first]
      return { better, worse, p, reason: reasons[by] }
    })
  return [...Map.groupBy(decided, ({ better, reason }) => `${better} ${reason}`).values()].map((members) => {
    const { better, reason } = members[0]!
    const others = formatList(members.map(({ worse }) => worse))
    return `${better} is better than ${others}: ${reason} (${formatPValue(Math.max(...members.map(({ p }) => p)), members.length > 1)})`
  })
}

function formatUndecided(decisions: readonly Decision[]): string[] {
  const open = decisions.filter(({ relation }) => relation === '~')
  if (open.length === 0) return []
  if (open.length <= maxNamed) {
    return open.map((each) => `~ ${each.first} and ${each.second}: ${formatOutlook(each)}`)
  }
  const needed = open.flatMap(({ moreRounds }) => moreRounds ?? [])
  const which =
    open.length === decisions.length
      ? `none of ${formatCount(open.length)} pairs is decided`
      : `${formatCount(open.length)} of ${formatPlural(decisions.length, 'pair')} are undecided`
  if (needed.length === 0) return [`~ ${which}, and more rounds like these would not decide`]
  const most = Math.max(...needed)
  const of = needed.length === open.length ? '' : ` ${formatCount(needed.length)} of them`
  return [`~ ${which}: ${formatPlural(most, 'more round')} would decide${of}`]
}

function formatOutlook({ rounds, moreRounds, roundsWithLoss }: Decision): string {
  if (rounds === 0) return 'undecided, they have no round in common that was judged'
  if (moreRounds !== null) return `undecided, ${formatPlural(moreRounds, 'more round')} would decide`
  const isClean = roundsWithLoss.every((count) => count === 0)
  return isClean
    ? `undecided, neither lost a request in ${formatPlural(rounds, 'round')}`
    : 'undecided, and more rounds like these would not decide'
}

const twinPhrases = {
  'rounds-with-loss': 'in how often requests are lost',
  'lost-per-round': 'in how many requests are lost',
  p50: 'in median latency',
  p99: 'in p99 latency',
} as const

function formatTwins({ first, second, relation, rounds, by, p }: Decision): string {
  const same = `${first} and ${second} are the same configuration`
  return relation === '~'
    ? `${same}: no difference was found in ${formatPlural(rounds, 'round')}`
    : `${same}, and differ ${twinPhrases[by]} (${formatPValue(p)}): the machine makes them differ, so no other difference can be trusted`
}

/** To two significant digits, rounded up: `p = 0.013`; for several the largest, `p ≤ 0.013`; `p < 0.0001`. */
export function formatPValue(p: number, several = false): string {
  if (p < 0.0001) return 'p < 0.0001'
  const unit = 10 ** (Math.floor(Math.log10(p)) - 1)
  return `p ${several ? '≤' : '='} ${Number((Math.ceil(p / unit - 1e-9) * unit).toPrecision(2))}`
}
