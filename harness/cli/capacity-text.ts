/** A capacity as a table for a terminal, and what it means for a run. */
import type { Knee, Step } from '../measure/capacity/knee.ts'
import { grouped, milliseconds } from '../terminal/table.ts'
import { columns, paint } from '../terminal/text.ts'
import type { Line } from '../terminal/text.ts'
import type { StoredCapacity } from '../measure/capacity/capacity-store.ts'

/** One step, while it goes on. */
export function stepLine(step: Step): string {
  const lost = step.lost > 0 ? `, ${grouped(step.lost)} lost` : ''
  const lag = `send lag p99 ${milliseconds(step.lagP99Us)}`
  return `${step.ratePerSecond}/s: p99 ${milliseconds(step.p99Us)}${lost}, ${lag} (${step.fate})`
}

export function capacityLines(stored: StoredCapacity): Line[] {
  const { knee, plan, configuration } = stored
  const header = ['requests/s', 'sent', 'lost', 'p50', 'p99', 'send lag p99', 'p99 is']
  const cells = (step: Step): string[] => [
    String(step.ratePerSecond),
    grouped(step.sent),
    grouped(step.lost),
    milliseconds(step.p50Us),
    milliseconds(step.p99Us),
    milliseconds(step.lagP99Us),
    fates[step.fate],
  ]
  const [head = '', ...body] = columns([header, ...knee.steps.map(cells)], [0, 1, 2, 3, 4, 5])
  return [
    `${configuration} on ${plan.cluster}: ${plan.replicas} pods, ${plan.load.workMs} ms of work for each request`,
    '',
    paint('bold', head),
    ...body,
    '',
    sentence(knee),
  ]
}

const fates: Record<Step['fate'], string> = {
  'warm-up': 'not counted: warm-up',
  base: 'the base',
  below: 'below twice the base',
  above: 'at least twice the base',
  late: 'not known: the driver was late',
}

function sentence({ kneePerSecond, belowPerSecond, abovePerSecond, endedBy }: Knee): string {
  if (kneePerSecond !== null && abovePerSecond !== null) {
    const error = Math.ceil((Math.sqrt(abovePerSecond / belowPerSecond) - 1) * 100)
    const half = Math.floor(kneePerSecond / 2)
    return `p99 doubles at ${grouped(kneePerSecond)} requests/s, give or take ${error} %: run at ${grouped(half)}/s or below.`
  }
  const why = endedBy === 'late' ? 'beyond that the driver itself is late on this machine' : 'more was not tried'
  return `p99 does not double up to ${grouped(belowPerSecond)} requests/s; ${why}.`
}
