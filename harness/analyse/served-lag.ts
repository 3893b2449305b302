/** When clients had their answers, against when servers say that they gave them. */
import type { Evidence } from './evidence.ts'

/** So many lines are compared, evenly over the run. */
const samples = 1_000

export interface ServedLag {
  /** By how long lines come before their clients have the whole answer: the median. Negative where they come after it. */
  earlyUs: number
  /** By how long they come after it: all but one in twenty at least so long, as a log that is written in batches has some lines in time. */
  lateUs: number
  /** The median of the lines' error bars. */
  errorUs: number
}

/** Of answered requests, `null` where no line can be compared. */
export function servedLagOf({ requests, served }: Evidence): ServedLag | null {
  const step = Math.max(1, Math.floor(served.size / samples))
  const lines = new Map<number, { atUs: number; errorUs: number }>()
  for (let index = 0; index < served.size; index += step) {
    const { atUs, errorUs, status } = served.line(index)
    if (status < 400) lines.set(served.key(index), { atUs, errorUs })
  }
  const early: number[] = []
  const errors: number[] = []
  for (const [index, key] of requests.keys().entries()) {
    const line = requests.isOk(index) ? lines.get(key) : undefined
    if (line === undefined) continue
    early.push(requests.settledUs(index) - line.atUs)
    errors.push(line.errorUs)
  }
  if (early.length === 0) return null
  return { earlyUs: quantile(early, 0.5), lateUs: -quantile(early, 0.95), errorUs: quantile(errors, 0.5) }
}

function quantile(values: number[], share: number): number {
  return values.sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0
}
