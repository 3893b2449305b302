/** Connections whose first SYN was not answered. */
import type { RequestRecord } from '../../model/record.ts'

/** A kernel retransmits a SYN after a second: if a connection took that long, its first SYN was not answered. */
export const synRetryUs = 1_000_000

/** Whether a request was answered well, but on a connection that was made only after a SYN was retransmitted. */
export function hasWaitedForConnection({ lane, outcome, use, sentUs, connectedUs }: RequestRecord): boolean {
  return lane !== 'control' && outcome === 'ok' && use === 1 && connectedUs! - sentUs! >= synRetryUs
}

/** SYNs are retransmitted after `synRetryUs`, then every second or after 3 and 7 s: at whole seconds, at most this much late. */
export const retryLateUs = 100_000

/**
 * When SYNs were retransmitted. Connection tracking keeps them at the pod of the first one, unless that pod has gone from the client's own
 * node: there the SYN is dropped before its flow is confirmed, and the next is balanced anew. A refusal answers the latest SYN.
 */
export function listSynRetriesUs({ outcome, sentUs, settledUs }: RequestRecord): number[] {
  if (sentUs === null || settledUs - sentUs < synRetryUs) return []
  if (outcome === 'refused') return [settledUs]
  const times = Math.floor((settledUs - sentUs - retryLateUs) / synRetryUs)
  return Array.from({ length: times }, (_, index) => sentUs + (index + 1) * synRetryUs + retryLateUs)
}
