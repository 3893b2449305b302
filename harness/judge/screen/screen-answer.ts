/** The first sentences of the page: which configuration is safe, and what the rounds prove. */
import { formatCount, formatList, formatPlural } from '../../base/figures.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { computeOneIn, computePercentBound } from '../figures/zero-bound.ts'
import { capitaliseText, composeAnswer, spellCount } from '../report/headline.ts'
import { findSafest } from './order-rows.ts'
import type { RowGroup } from './order-rows.ts'

export interface ScreenAnswer {
  /** The emphasised names, and whether they lost nothing or lost requests; `null`: unknown. */
  names: string
  lost: boolean | null
  says: string
  others: string
  /** One sentence each. */
  below: string[]
}

/** The `notes` of a watch replace it. */
export function answerScreen(groups: readonly RowGroup[], notes: readonly string[]): ScreenAnswer {
  const [note, ...more] = notes
  if (note !== undefined) return { names: '', lost: null, says: note, others: '', below: more }
  const [group, ...rest] = groups
  if (group === undefined) return { names: '', lost: null, says: 'Nothing was measured.', others: '', below: [] }
  if (rest.length > 0) return answerSeveral(groups)
  return group.rows.length === 1 ? answerOne(group.rows[0]!) : answerGroup(group)
}

function answerOne(row: ComparisonRow): ScreenAnswer {
  const { configuration, judged, lost, lostPerDisruption, result, account, noun } = row
  const below = account === null ? [] : [`${account}.`]
  const says = {
    passed: `lost nothing in ${formatPlural(judged, noun)}.`,
    failed:
      judged > 1 && lostPerDisruption !== null && lostPerDisruption.median >= 1
        ? `lost ${formatPlural(lostPerDisruption.median, 'request')} per ${noun}.`
        : `lost ${formatPlural(lost, 'request')} in ${formatPlural(judged, noun)}.`,
    unknown: 'could not be judged.',
  }[result.verdict]
  const proof = {
    passed: [formatProof(row)],
    failed: [formatRate(row)],
    unknown: [`${capitaliseText(result.because[0] ?? 'nothing was measured')}.`],
  }[result.verdict]
  const seen = result.verdict === 'unknown' ? null : result.verdict === 'failed'
  return { names: configuration, lost: seen, says, others: '', below: [...proof, ...below] }
}

function answerGroup(group: RowGroup): ScreenAnswer {
  const { rows } = group
  const { safe, says, others, doubts } = composeAnswer(rows)
  const safest = findSafest(group)
  const proof = safest === undefined ? formatRounds(rows) : formatGroupProof(rows, safest)
  return { names: safe, lost: false, says, others, below: [...(proof === '' ? [] : [proof]), ...doubts] }
}

function formatGroupProof(rows: readonly ComparisonRow[], safest: ComparisonRow): string {
  const each = formatRounds(rows)
  if (safest.judged >= fewRounds || each === '') return `${each} ${formatProof(safest)}`.trim()
  return `${each.replace(/\.$/, ':')} enough to see what loses requests, too few to trust 0 of ${formatCount(safest.sent)}.`
}

/** `Ten rollouts each.`; empty where rows differ. */
function formatRounds(rows: readonly ComparisonRow[]): string {
  const [rounds, ...others] = new Set(rows.map(({ judged }) => judged).filter((judged) => judged > 0))
  if (rounds === undefined || others.length > 0) return ''
  return `${capitaliseText(spellCount(rounds))} ${rows[0]!.noun}${rounds === 1 ? '' : 's'} each.`
}

/** With fewer rounds a zero is described as a beginning instead of a bound. */
const fewRounds = 5

/** What a loss of zero still allows, at 95 %. */
function formatProof({ judged, sent, noun }: ComparisonRow): string {
  const still = `up to ${computePercentBound(judged)} % of ${noun}s may still lose some`
  return judged < fewRounds
    ? `${formatPlural(judged, noun)} without a loss ${judged === 1 ? 'is' : 'are'} too few to trust: ${still}, at 95 %.`
    : `0 of ${formatPlural(sent, 'request')} lost: at 95 % fewer than 1 in ${formatCount(computeOneIn(sent))}, and ${still}.`
}

function formatRate({ sent, lost, judged, roundsWithLoss, noun }: ComparisonRow): string {
  return `${formatCount(lost)} of ${formatPlural(sent, 'request')}, in ${formatCount(roundsWithLoss)} of ${formatPlural(judged, noun)}.`
}

/** For several scenarios or clusters: the configurations that lost nothing in any of them. */
function answerSeveral(groups: readonly RowGroup[]): ScreenAnswer {
  const rows = groups.flatMap((group) => group.rows)
  const byName = Map.groupBy(rows, ({ configuration }) => configuration)
  const listNames = (test: (verdicts: readonly string[]) => boolean): string[] =>
    [...byName].flatMap(([name, own]) => (test(own.map(({ result }) => result.verdict)) ? [name] : []))
  // A configuration that was not played in one of them is not known to be safe there.
  const clean = listNames((verdicts) => verdicts.filter((verdict) => verdict === 'passed').length === groups.length)
  const lossy = listNames((verdicts) => verdicts.includes('failed'))
  const open = byName.size - clean.length - lossy.length
  const where = `in ${groups.length === 2 ? 'both' : `all ${spellCount(groups.length)}`} ${nameGroups(groups)}`
  const below =
    open === 0 ? [] : [`${capitaliseText(spellCount(open))} ${open === 1 ? 'was' : 'were'} not judged in every one.`]
  if (clean.length === 0) {
    const says = `No configuration is ${open > 0 ? 'known to be ' : ''}safe ${where}.`
    return { names: '', lost: null, says, others: '', below }
  }
  const losers = lossy.length === 1 ? `${lossy[0]} lost` : `${capitaliseText(spellCount(lossy.length))} others lost`
  const others = lossy.length === 0 ? '' : `${losers} requests in at least one.`
  return { names: formatList(clean), lost: false, says: `lost nothing ${where}.`, others, below }
}

function nameGroups(groups: readonly RowGroup[]): string {
  if (new Set(groups.map(({ cluster }) => cluster)).size === 1) return 'scenarios'
  return new Set(groups.map(({ scenario }) => scenario)).size === 1 ? 'clusters' : 'pairs of scenario and cluster'
}
