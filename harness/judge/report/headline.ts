/** The answer of a report: what was lost, and which configuration lost nothing. */
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Verdict } from '../../model/result.ts'
import { formatCount, formatList, formatPlural } from '../../base/figures.ts'

const questions: Record<string, string> = {
  rollout: 'Which configuration loses requests while Kubernetes replaces its pods?',
  'scale-down': 'Which configuration loses requests while Kubernetes removes some of its pods?',
}

/** The question that the rows answer. */
export function formatQuestion(rows: readonly ComparisonRow[]): string {
  const [only, ...others] = new Set(rows.map(({ scenario }) => scenario))
  const question = only === undefined || others.length > 0 ? undefined : questions[only]
  return question ?? 'Which configuration loses requests while Kubernetes replaces, moves or removes its pods?'
}

/** An answer in the parts that a page formats differently: `graceful` `lost nothing.` `The other five lost requests.` */
export interface Answer {
  /** The beginning of the first sentence; empty if it names no configuration. */
  safe: string
  says: string
  others: string
  /** What could not be judged or is missing, one sentence each. */
  doubts: string[]
}

/** One or more sentences for each scenario on each cluster, in the order of the rows. */
export function formatAnswers(rows: readonly ComparisonRow[]): string[] {
  if (rows.length === 0) return ['Nothing was measured.']
  const groups = Map.groupBy(rows, ({ scenario, cluster }) => `${scenario} on ${cluster}`)
  return [...groups].map(([name, members]) =>
    groups.size > 1 ? `${name}: ${formatGroupAnswer(members)}` : formatGroupAnswer(members),
  )
}

function formatGroupAnswer(rows: readonly ComparisonRow[]): string {
  const [first] = rows
  if (rows.length === 1 && first !== undefined) return `${first.configuration}: ${first.sentence}.`
  const { safe, says, others, doubts } = composeAnswer(rows)
  return [safe, says, others, ...doubts].filter((part) => part !== '').join(' ')
}

/** For several configurations under the same scenario on the same cluster. */
export function composeAnswer(rows: readonly ComparisonRow[]): Answer {
  const listNamesWithVerdict = (verdict: Verdict): string[] =>
    rows.filter(({ result }) => result.verdict === verdict).map(({ configuration }) => configuration)
  const [clean, lossy, unknown] = [
    listNamesWithVerdict('passed'),
    listNamesWithVerdict('failed'),
    listNamesWithVerdict('unknown'),
  ]
  const known = clean.length + lossy.length
  const all = spellCount(rows.length)
  if (known === 0)
    return { safe: '', says: `None of ${all} configurations could be judged.`, others: '', doubts: listMissing(rows) }
  const doubts = [...(unknown.length === 0 ? [] : [`${nameSome(unknown)} could not be judged.`]), ...listMissing(rows)]
  if (clean.length === 0) {
    const every = rows.length === 2 ? 'both' : `all ${all}`
    const says =
      unknown.length > 0
        ? `No configuration is known to be safe: ${spellCount(lossy.length)} lost requests.`
        : `No configuration is safe: ${every} lost requests.`
    return { safe: '', says, others: '', doubts }
  }
  if (clean.length === rows.length) {
    const none = rows.length === 2 ? 'Neither configuration' : `None of the ${all} configurations`
    return { safe: '', says: `${none} lost a request.`, others: '', doubts }
  }
  return { safe: nameSome(clean), says: 'lost nothing.', others: formatLossy(lossy, unknown.length > 0), doubts }
}

function formatLossy(lossy: readonly string[], some: boolean): string {
  const [only] = lossy
  if (only === undefined) return ''
  if (lossy.length === 1) return `${only} lost requests.`
  const count = spellCount(lossy.length)
  return some ? `${capitaliseText(count)} others lost requests.` : `The other ${count} lost requests.`
}

/** Maximum number of names; further ones are counted. */
const maxNames = 6

function nameSome(names: readonly string[]): string {
  const rest = names.length - maxNames
  return rest <= 1 ? formatList(names) : `${names.slice(0, maxNames).join(', ')} and ${formatCount(rest)} others`
}

const words = [
  'none',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
]

/** `six`; from 13 on in digits. */
export function spellCount(count: number): string {
  return words[count] ?? formatCount(count)
}

export function capitaliseText(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** Runs that did not happen, were cut short or cannot be read, whatever the other runs show. */
function listMissing(rows: readonly ComparisonRow[]): string[] {
  const missing = rows.reduce((sum, { result }) => sum + result.missing, 0)
  const planned = rows.reduce((sum, { rounds }) => sum + rounds.length, 0)
  return missing === 0
    ? []
    : [`${formatCount(missing)} of ${formatPlural(planned, 'planned run')} ${missing === 1 ? 'is' : 'are'} missing.`]
}
