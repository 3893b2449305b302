/** When clients had their answers, against when servers say that they gave them. */
import type { Evidence } from './evidence.ts'

/** So many lines are compared, evenly over the run: their median is what is told. */
const samples = 1_000

/**
 * The median over answered requests of the client's end minus the server's line, µs, and the median of the lines' error bars; `null` where no
 * line can be compared.
 */
export function servedLagUs({ requests, served }: Evidence): { us: number; errorUs: number } | null {
  const step = Math.max(1, Math.floor(served.size / samples))
  const lines = new Map<number, { atUs: number; errorUs: number }>()
  for (let index = 0; index < served.size; index += step) {
    const { atUs, errorUs, status } = served.line(index)
    if (status < 400) lines.set(served.key(index), { atUs, errorUs })
  }
  const lags: number[] = []
  const errors: number[] = []
  for (const [index, key] of requests.keys().entries()) {
    const line = requests.isOk(index) ? lines.get(key) : undefined
    if (line === undefined) continue
    lags.push(requests.settledUs(index) - line.atUs)
    errors.push(line.errorUs)
  }
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0
  return lags.length === 0 ? null : { us: middle(lags), errorUs: middle(errors) }
}
