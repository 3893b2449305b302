/** The losses in the message of a failed test: kinds, moments and pods. */
import { formatCount, formatDurationRange, formatPlural } from '../base/figures.ts'
import type { Analysis, Loss } from '../model/result.ts'

const mostLines = 20

/**
 * A line for the losses of one kind at one moment of one pod, largest number first: `12 refused: pod web-5d-x, 0.2–1.1 s after
 * stopped-accepting of nginx`.
 */
export function describeLosses(analyses: readonly Analysis[]): string[] {
  const lines = analyses.flatMap((analysis) => {
    const groups = Map.groupBy(analysis.losses, ({ outcome, pod, moment }) =>
      JSON.stringify([outcome, pod, moment?.name, moment?.container]),
    )
    const head = analyses.length > 1 ? `round ${analysis.round}: ` : ''
    return [...groups.values()].map((losses) => ({ count: losses.length, text: `${head}${describeGroup(losses)}` }))
  })
  const texts = lines.toSorted((a, b) => b.count - a.count).map(({ text }) => text)
  const left = texts.length - mostLines
  return left > 0 ? [...texts.slice(0, mostLines), `and ${formatPlural(left, 'kind')} more`] : texts
}

function describeGroup(losses: readonly Loss[]): string {
  const [first] = losses
  if (first === undefined) return ''
  const pod = first.pod === null ? 'pod not known' : `pod ${first.pod}`
  return `${formatCount(losses.length)} ${first.outcome}: ${pod}${describeMoment(losses)}`
}

function describeMoment(losses: readonly Loss[]): string {
  const moments = losses.flatMap(({ moment }) => moment ?? [])
  const [first] = moments
  if (first === undefined) return ''
  const since = moments.map(({ sinceUs }) => sinceUs)
  const who = first.container === null ? '' : ` of ${first.container}`
  const what = `${first.name}${first.detail === null ? '' : ` (${first.detail})`}${who}`
  return `, ${formatDurationRange(Math.min(...since), Math.max(...since))} after ${what}`
}
