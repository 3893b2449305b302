/** What the comparison's figures mean, where a reader might take them for something else. */
import type { ComparisonRow } from '../../model/comparison.ts'

export const autocannonExplanation: string =
  '“A naive tool says” is what autocannon 9 counts of the same requests by its own rules: a connection that ends before the ' +
  'answer, or within it, is nothing; a complete answer is good whichever server gave it; only statuses, resets, refusals and timeouts count.'

/** From when latency counts. */
export function explainLatency(rows: readonly Pick<ComparisonRow, 'loop'>[]): string {
  if (rows.every(({ loop }) => loop === 'open')) return 'Latencies count from the instant a request was due.'
  return (
    'The load is a closed loop: a client sends when its last request has ended, so latencies count from the sending. A server ' +
    'that stalls is asked less often meanwhile, and they must not be compared with those of an open loop.'
  )
}
