/** The decision of the matchers of nodrop/vitest: pass, fail, or neither. */
import { formatDuration, formatList } from '../base/figures.ts'
import type { PodMargin } from '../model/figures/margin.ts'
import type { RunResult } from './run-result.ts'
import { describeLosses } from './loss-lines.ts'

/** `holds` is `null` without evidence for either: then neither the statement nor its opposite is proved. */
export interface Decision {
  holds: boolean | null
  /** The finding, in a sentence without its period. */
  says: string
  /** The explanation, line by line. */
  lines: string[]
}

/** Limits in ms for the median over rounds of each round's quantile. */
export interface LatencyLimits {
  p50Ms?: number
  p99Ms?: number
}

export interface MarginLimit {
  atLeastMs: number
}

function explainNoVerdict(because: readonly string[]): string {
  return `there is no verdict: ${because.join('; ')}`
}

export function decideLoss({ verdict, because, sentence, analyses }: RunResult): Decision {
  if (verdict === 'unknown') return { holds: null, says: explainNoVerdict(because), lines: [] }
  return { holds: verdict === 'passed', says: sentence, lines: describeLosses(analyses) }
}

/** Comparisons with NaN are false, so every limit would hold. */
function requireMilliseconds(name: string, limitMs: unknown): number {
  if (Number.isFinite(limitMs)) return limitMs as number
  throw new TypeError(
    `Cannot judge by ${name}: it must be a number of milliseconds, current value is ${String(limitMs)}`,
  )
}

/** Throws a TypeError without a limit, or if one is not a number. */
export function decideLatency({ row, verdict, because }: RunResult, { p50Ms, p99Ms }: LatencyLimits): Decision {
  const limits = [
    { name: 'p50', limitMs: p50Ms, foundUs: row.p50Us },
    { name: 'p99', limitMs: p99Ms, foundUs: row.p99Us },
  ].flatMap(({ limitMs, ...one }) =>
    limitMs === undefined ? [] : { ...one, limitUs: requireMilliseconds(`${one.name}Ms`, limitMs) * 1000 },
  )
  if (limits.length === 0) throw new TypeError('toStayUnder needs a limit, such as { p99Ms: 250 }')
  const lines = limits.map(
    ({ name, foundUs, limitUs }) => `${name}: ${formatDuration(foundUs)}, limit ${formatDuration(limitUs)}`,
  )
  if (verdict === 'unknown') return { holds: null, says: explainNoVerdict(because), lines }
  // The median of the other rounds is not that of all: voided latencies are mostly slow ones.
  const untimed = row.rounds
    .filter(({ state, latency }) => state === 'judged' && !latency)
    .map(({ round }) => `${round}`)
  if (untimed.length > 0) {
    const rounds = `${untimed.length === 1 ? 'round' : 'rounds'} ${formatList(untimed)}`
    return { holds: null, says: `the latencies of ${rounds} are not known`, lines }
  }
  const over = limits.filter(({ foundUs, limitUs }) => foundUs !== null && foundUs >= limitUs)
  if (over.length > 0)
    return { holds: false, says: `${over.map(({ name }) => name).join(' and ')} is over its limit`, lines }
  const open = limits.find(({ foundUs }) => foundUs === null)
  if (open) return { holds: null, says: `${open.name} is not known: ${because.join('; ')}`, lines }
  return { holds: true, says: 'every latency is below its limit', lines }
}

/**
 * Every pod of every judged round must keep the limit for any error of its instants; one that did not is enough to fail. Throws a TypeError
 * for a limit that is not a number.
 */
export function decideMargin({ row, verdict, because, analyses }: RunResult, { atLeastMs }: MarginLimit): Decision {
  const limitUs = requireMilliseconds('atLeastMs', atLeastMs) * 1000
  const lines = row.cause
  if (verdict === 'unknown') return { holds: null, says: explainNoVerdict(because), lines }
  const judged = new Set(row.rounds.flatMap(({ state, runId }) => (state === 'judged' ? [runId] : [])))
  const pods = analyses
    .filter(({ runId }) => judged.has(runId))
    .flatMap(({ margins }) => margins)
    .toSorted((a, b) => (a.fresh?.marginUs ?? Infinity) - (b.fresh?.marginUs ?? Infinity))
  const decisions = pods.map((pod) => decidePodMargin(pod, limitUs))
  const [tightest] = decisions
  if (!tightest) return { holds: null, says: 'no margin is known: no pod left', lines }
  const deciding = decisions.find(({ holds }) => holds === false) ?? decisions.find(({ holds }) => holds === null)
  return { ...(deciding ?? tightest), lines }
}

function decidePodMargin({ pod, fresh }: PodMargin, limitUs: number): Pick<Decision, 'holds' | 'says'> {
  if (fresh === null) return { holds: null, says: `that of pod ${pod} is not known` }
  const { marginUs, errorUs, atLeast, answeringAtLeast } = fresh
  const says = `that of pod ${pod} is ${formatDuration(marginUs)} ± ${formatDuration(errorUs)}`
  const isBelow = marginUs + errorUs < limitUs
  if (isBelow && !answeringAtLeast) return { holds: false, says }
  if (isBelow) return { holds: null, says: `${says} or more: it may have answered for longer` }
  if (atLeast) return { holds: null, says: `${says} or less: later connections may have come to it` }
  if (marginUs - errorUs < limitUs) return { holds: null, says: `${says}, too near to the limit to tell` }
  return { holds: true, says }
}
