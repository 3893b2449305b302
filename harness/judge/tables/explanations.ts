/** What the comparison's figures mean, where a reader might take them for something else. */
import type { ComparisonRow } from '../../model/comparison.ts'

/** From when latency counts. */
export function explainLatency(rows: readonly Pick<ComparisonRow, 'loop'>[]): string {
  if (rows.every(({ loop }) => loop === 'open')) return 'Latencies count from the instant a request was due.'
  return (
    'The load is a closed loop: a client sends when its last request has ended, so latencies count from the sending. A server ' +
    'that stalls is asked less often meanwhile, and they must not be compared with those of an open loop.'
  )
}
