/** What the matchers of nodrop/vitest decide: pass, fail, or that neither can be said. */
import { formatDuration } from '../base/figures.ts'
import type { RunResult } from './run-result.ts'
import { describeLosses } from './loss-lines.ts'

/** `holds` is `null` where the evidence for either is missing: then nothing is proved, and the opposite is not either. */
export interface Decision {
  holds: boolean | null
  /** What was found, in a sentence without its period. */
  says: string
  /** What explains it, a line each. */
  lines: string[]
}

/** Limits in ms, of the median over rounds of each round's quantile. */
export interface LatencyLimits {
  p50Ms?: number
  p99Ms?: number
}

export interface MarginLimit {
  atLeastMs: number
}

export function decideLoss({ verdict, because, sentence, analyses }: RunResult): Decision {
  if (verdict === 'unknown') return { holds: null, says: `there is no verdict: ${because.join('; ')}`, lines: [] }
  return { holds: verdict === 'passed', says: sentence, lines: describeLosses(analyses) }
}

/** Throws a TypeError without a limit. */
export function decideLatency({ row, because }: RunResult, { p50Ms, p99Ms }: LatencyLimits): Decision {
  const limits = [
    { name: 'p50', limitMs: p50Ms, foundUs: row.p50Us },
    { name: 'p99', limitMs: p99Ms, foundUs: row.p99Us },
  ].flatMap(({ limitMs, ...one }) => (limitMs === undefined ? [] : { ...one, limitUs: limitMs * 1000 }))
  if (limits.length === 0) throw new TypeError('toStayUnder needs a limit, such as { p99Ms: 250 }')
  const lines = limits.map(
    ({ name, foundUs, limitUs }) => `${name}: ${formatDuration(foundUs)}, limit ${formatDuration(limitUs)}`,
  )
  const over = limits.filter(({ foundUs, limitUs }) => foundUs !== null && foundUs >= limitUs)
  if (over.length > 0)
    return { holds: false, says: `${over.map(({ name }) => name).join(' and ')} is over its limit`, lines }
  const open = limits.find(({ foundUs }) => foundUs === null)
  if (open) return { holds: null, says: `${open.name} is not known: ${because.join('; ')}`, lines }
  return { holds: true, says: 'every latency is below its limit', lines }
}

/** Of the pod with the least: it must keep the limit whichever way its instants were measured wrongly. */
export function decideMargin({ row, because }: RunResult, { atLeastMs }: MarginLimit): Decision {
  const { margin, cause } = row
  if (margin === null) return { holds: null, says: `no margin is known: ${because.join('; ')}`, lines: cause }
  const { pod, fresh } = margin.tightest
  const { marginUs, errorUs, atLeast } = fresh
  const says = `that of pod ${pod} is ${formatDuration(marginUs)} ± ${formatDuration(errorUs)}`
  const limitUs = atLeastMs * 1000
  if (marginUs + errorUs < limitUs) return { holds: false, says, lines: cause }
  if (atLeast) return { holds: null, says: `${says} or less: later connections may have come to it`, lines: cause }
  if (marginUs - errorUs < limitUs) return { holds: null, says: `${says}, too near to the limit to tell`, lines: cause }
  return { holds: true, says, lines: cause }
}
