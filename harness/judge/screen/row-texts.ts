/** The figures of a row in the few words that fit on the first screen. */
import { formatCount, formatPercent, formatPlural } from '../../base/figures.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { listDecidingGates } from '../../model/gates/gates.ts'
import { computeOneIn } from '../figures/zero-bound.ts'
import type { PodRange, StripSource } from './strip-source.ts'

export interface RowFigure {
  /** In large type. */
  value: string
  unit: string
  /** A line below it. */
  note: string
}

/** Lost requests for each disruption, with the range over rounds; below it the share of requests due meanwhile. */
export function formatRowFigure(row: ComparisonRow): RowFigure {
  const { judged, lost, sent, lostPerDisruption, lossFigures, rounds, noun } = row
  if (judged === 0) {
    const sumOverRounds = (key: 'lost' | 'sent'): number => rounds.reduce((sum, round) => sum + round[key], 0)
    const [seen, all] = [sumOverRounds('lost'), sumOverRounds('sent')]
    const note = all === 0 ? 'nothing was sent' : `${formatCount(seen)} of ${formatCount(all)} lost, without a verdict`
    return { value: '–', unit: '', note }
  }
  if (lost === 0) {
    const note = `of ${formatCount(sent)}: fewer than 1 in ${formatCount(computeOneIn(sent))} at 95 %`
    return { value: '0', unit: `lost in ${formatPlural(judged, noun)}`, note }
  }
  const { lostInSpan, dueInSpan } = lossFigures
  const share =
    dueInSpan > 0
      ? `${formatPercent(lostInSpan, dueInSpan)} of what was due then`
      : `${formatPercent(lost, sent)} of ${formatCount(sent)}`
  if (judged === 1 || lostPerDisruption === null)
    return { value: formatCount(lost), unit: `lost in ${formatPlural(judged, noun)}`, note: share }
  const { median, min, max } = lostPerDisruption
  const range = min === max ? '' : ` (${formatCount(min)}–${formatCount(max)})`
  return { value: formatCount(median), unit: `lost per ${noun}${range}`, note: share }
}

/** Whether the row fulfilled its gates or its expectation, in neutral words; empty without either. */
export function formatExpected({ result: { held, verdict }, gates, expects }: ComparisonRow): string {
  if (gates !== undefined) return held === null ? '' : held ? 'gates kept' : 'gates not kept'
  if (held === null || expects === null) return ''
  if (held) return 'as expected'
  return verdict === 'failed' ? 'expected to lose none' : 'expected to lose'
}

/** The reasons in sentences: first the cause, then what could not be judged. */
export function listRowReasons(row: ComparisonRow): string[] {
  const { result, cause, sentence, account, gates = [] } = row
  const refused = result.held === false && gates.length > 0 ? [`Gates: ${listDecidingGates(gates).join(', ')}`] : []
  const partly = account === null ? [] : [account]
  if (result.verdict === 'unknown') return [`No verdict: ${result.because.join('; ')}`, ...partly]
  return [...(cause.length > 0 ? cause : [sentence]), ...refused, ...(result.warnings ?? []), ...partly]
}

/** A description of the strip for screen readers. */
export function describeStrip(row: ComparisonRow, source: StripSource): string {
  const { configuration, marginText } = row
  const { connecting, answering, losses, pods } = source
  const seconds = (range: PodRange): string => {
    const [least, most] = [range.leastUs, range.mostUs].map((us) => Number((us / 1_000_000).toPrecision(2)))
    return least === most ? `${most} s` : `${least} to ${most} s`
  }
  const spans = [
    connecting !== null && `new connections came for ${seconds(connecting)} after the deletion`,
    answering !== null && `pods answered for ${seconds(answering)}`,
    `${formatCount(losses.length)} lost requests`,
    marginText,
  ].filter((part) => typeof part === 'string')
  return `${configuration}, ${formatPlural(pods, 'pod')}: ${spans.join('; ')}`
}
