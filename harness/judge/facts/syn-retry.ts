/** Connections whose first SYN was not answered. */
import type { RequestRecord } from '../../model/record.ts'

/** A kernel sends a SYN again after a second: a connection that took as long was not answered before. */
export const synRetryUs = 1_000_000

/** Whether a request's connection was made only after a SYN had been sent again, and the request then answered well. */
export function hasWaitedForConnection({ lane, outcome, use, sentUs, connectedUs }: RequestRecord): boolean {
  return lane !== 'control' && outcome === 'ok' && use === 1 && connectedUs! - sentUs! >= synRetryUs
}

/** After `synRetryUs`, then after every second or after 3 and 7 s a SYN is sent again: in all whole seconds, a little late. */
export const retryLateUs = 100_000

/**
 * When SYNs were sent again. Connection tracking keeps them at the pod of the first one, but for a pod that is gone from the very node
 * of the client: there the SYN is dropped before its flow is confirmed, and the next is balanced anew. A refusal answers the latest.
 */
export function listSynRetriesUs({ outcome, sentUs, settledUs }: RequestRecord): number[] {
  if (sentUs === null || settledUs - sentUs < synRetryUs) return []
  if (outcome === 'refused') return [settledUs]
  const times = Math.floor((settledUs - sentUs - retryLateUs) / synRetryUs)
  return Array.from({ length: times }, (_, index) => sentUs + (index + 1) * synRetryUs + retryLateUs)
}
