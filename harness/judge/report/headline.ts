/** The answer first: one sentence for each thing that was done to the pods. */
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

/** One sentence for each scenario on each cluster, in the order of the rows. */
export function formatAnswers(rows: readonly ComparisonRow[]): string[] {
  if (rows.length === 0) return ['Nothing was measured.']
  const groups = Map.groupBy(rows, ({ scenario, cluster }) => `${scenario} on ${cluster}`)
  return [...groups].map(([name, members]) =>
    groups.size > 1 ? `${name}: ${formatAnswer(members)}` : formatAnswer(members),
  )
}

function formatAnswer(rows: readonly ComparisonRow[]): string {
  const [first] = rows
  if (rows.length === 1 && first !== undefined) return `${first.configuration}: ${first.sentence}.`
  const listNamesWithVerdict = (...verdicts: Verdict[]): string[] =>
    rows.filter(({ result }) => verdicts.includes(result.verdict)).map(({ configuration }) => configuration)
  const [clean, known, unknown] = [
    listNamesWithVerdict('passed'),
    listNamesWithVerdict('passed', 'failed'),
    listNamesWithVerdict('unknown'),
  ]
  if (known.length === 0) return `None of ${rows.length} configurations could be judged.${formatMissing(rows)}`
  const about = `Of ${formatPlural(rows.length, 'configuration')}`
  const rest = `${unknown.length === 0 ? '' : ` ${formatList(unknown)} could not be judged.`}${formatMissing(rows)}`
  if (clean.length === known.length)
    return `${about}, ${unknown.length === 0 ? 'none' : 'none that could be judged'} lost a request.${rest}`
  if (clean.length === 0)
    return `${about}, every one${unknown.length === 0 ? '' : ' that could be judged'} lost requests.${rest}`
  return `${about}, only ${formatList(clean)} lost no request.${rest}`
}

/** Runs that did not happen, were cut short or cannot be read, whatever the others have shown. */
function formatMissing(rows: readonly ComparisonRow[]): string {
  const missing = rows.reduce((sum, { result }) => sum + result.missing, 0)
  const planned = rows.reduce((sum, { rounds }) => sum + rounds.length, 0)
  return missing === 0
    ? ''
    : ` ${formatCount(missing)} of ${formatPlural(planned, 'planned run')} ${missing === 1 ? 'is' : 'are'} missing.`
}
