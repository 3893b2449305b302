/** The meaning of figures that a reader might misunderstand. */
import type { ComparisonRow } from '../../model/comparison.ts'

/** From which instant latency is counted. */
export function explainLatency(rows: readonly Pick<ComparisonRow, 'loop'>[]): string {
  if (rows.every(({ loop }) => loop === 'open')) return 'Latencies count from the instant a request was due.'
  return (
    'The load is a closed loop: a client sends when its last request has ended, so latencies count from the sending. A server ' +
    'that stalls is asked less often meanwhile, and they must not be compared with those of an open loop.'
  )
}
