/** Connections whose first SYN was not answered. */
import type { RequestRecord } from '../../model/record.ts'

/** A kernel sends a SYN again after a second: a connection that took as long was not answered before. */
export const synRetryUs = 1_000_000

/** Whether a request's connection was made only after a SYN had been sent again, and the request then answered well. */
export function hasWaitedForConnection({ lane, outcome, use, sentUs, connectedUs }: RequestRecord): boolean {
  return lane !== 'control' && outcome === 'ok' && use === 1 && connectedUs! - sentUs! >= synRetryUs
}
