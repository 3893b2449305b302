/** A capacity as a table for a terminal, and what it means for a run. */
import type { Knee, Step } from '../../measure/capacity/knee.ts'
import { formatCount, formatDuration, formatPlural } from '../../base/figures.ts'
import { alignColumns, withStyle } from '../../terminal/text.ts'
import type { Line } from '../../terminal/text.ts'
import type { StoredCapacity } from '../../measure/capacity/capacity-store.ts'

/** One step, while it is measured. */
export function formatStep(step: Step): string {
  const lost = step.lost > 0 ? `, ${formatCount(step.lost)} lost` : ''
  const lag = `send lag p99 ${formatDuration(step.lagP99Us)}`
  return `${step.ratePerSecond}/s: p99 ${formatDuration(step.p99Us)}${lost}, ${lag} (${step.fate})`
}

export function formatCapacity(stored: StoredCapacity): Line[] {
  const { knee, plan, configuration } = stored
  const header = ['requests/s', 'sent', 'lost', 'p50', 'p99', 'send lag p99', 'p99 is']
  const formatCells = (step: Step): string[] => [
    String(step.ratePerSecond),
    formatCount(step.sent),
    formatCount(step.lost),
    formatDuration(step.p50Us),
    formatDuration(step.p99Us),
    formatDuration(step.lagP99Us),
    fateLabels[step.fate],
  ]
  const [head = '', ...body] = alignColumns([header, ...knee.steps.map(formatCells)], [0, 1, 2, 3, 4, 5])
  return [
    `${configuration} on ${plan.cluster}: ${formatPlural(plan.replicas, 'pod')}, ${plan.load.workMs} ms of work for each request`,
    '',
    withStyle('bold', head),
    ...body,
    '',
    formatKneeSentence(knee),
  ]
}

const fateLabels: Record<Step['fate'], string> = {
  'warm-up': 'not counted: warm-up',
  base: 'the base',
  below: 'below twice the base',
  above: 'at least twice the base',
  late: 'not known: the driver was late',
}

function formatKneeSentence({ kneePerSecond, belowPerSecond, abovePerSecond, endedBy }: Knee): string {
  if (kneePerSecond !== null && abovePerSecond !== null) {
    const error = Math.ceil((Math.sqrt(abovePerSecond / belowPerSecond) - 1) * 100)
    const half = roundDown(kneePerSecond / 2)
    return `p99 doubles at ${formatCount(kneePerSecond)} requests/s, give or take ${error} %: run at ${formatCount(half)}/s or below.`
  }
  const why = endedBy === 'late' ? 'beyond that the driver itself is late on this machine' : 'more was not tried'
  return `p99 does not double up to ${formatCount(belowPerSecond)} requests/s; ${why}.`
}

/** To a whole number from 10 on; below, to two digits, the precision of the measurement. */
function roundDown(rate: number): number {
  if (rate >= 10) return Math.floor(rate)
  const digits = 1 - Math.floor(Math.log10(rate))
  return Number((Math.floor(Number((rate * 10 ** digits).toPrecision(12))) / 10 ** digits).toPrecision(2))
}
