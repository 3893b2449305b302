/** When a lost request was lost: its attribution, its phase and its pod's moments depend on that. */
import type { Outcome, RequestRecord } from '../../model/record.ts'
import type { LostBy } from '../../model/loss.ts'

export interface LossInstants {
  /** When the pod was chosen: for a new connection at its first SYN, as connection tracking keeps later ones at the same pod. */
  beganUs: number
  /** The latest instant at which the cause of the loss can have happened. */
  lostUs: number
  lostBy: LostBy
}

type InstantRule = (request: RequestRecord, usualUs: number) => Omit<LossInstants, 'beganUs'>

const atFailure: InstantRule = ({ settledUs }) => ({ lostUs: settledUs, lostBy: 'failure' })
const atFirstByte: InstantRule = ({ firstByteUs, settledUs }) => ({
  lostUs: firstByteUs ?? settledUs,
  lostBy: 'first-byte',
})
/** No SYN was answered, not even the first. When the client, or the ARP of a node, gave up seconds later does not matter. */
const atFirstSyn: InstantRule = ({ sentUs, dueUs }) => ({ lostUs: sentUs ?? dueUs, lostBy: 'first-syn' })
/** It was sent and nothing came back: an answer would have been there after the usual time. */
const whenAnswerWasDue: InstantRule = (request, usualUs) => {
  const { connectedUs, firstByteUs, settledUs } = request
  if (firstByteUs !== null) return atFirstByte(request, usualUs)
  if (connectedUs === null) return atFirstSyn(request, usualUs)
  return { lostUs: Math.min(connectedUs + usualUs, settledUs), lostBy: 'answer-due' }
}

/**
 * A cut is noticed at once, so its cause is at the same time. A time limit, or an ICMP error after seconds of ARP, is noticed long after
 * its cause, when other pods are leaving or all have left.
 */
const instantRules: Record<Exclude<Outcome, 'ok'>, InstantRule> = {
  // A refusal answers the latest SYN a round trip ago, whenever that was sent: 1, 3, 7 s after the first one or, since Linux 6.5, every
  // second (tcp_syn_linear_timeouts).
  refused: ({ settledUs }) => ({ lostUs: settledUs, lostBy: 'last-syn' }),
  // At once by a route or an ICMP error; after about 3 s where ARP finds no owner of the address. On an established connection the request
  // was retransmitted without an acknowledgement.
  unreachable: whenAnswerWasDue,
  'connect-timeout': atFirstSyn,
  dns: atFailure,
  tls: atFailure,
  'closed-before-response': atFailure,
  'reset-before-response': atFailure,
  truncated: atFailure,
  'reset-in-body': atFailure,
  'protocol-error': atFailure,
  'http-4xx': atFirstByte,
  // A gateway that answers 504 has waited for an answer itself.
  'http-5xx': (request, usualUs) =>
    request.status === 504
      ? whenAnswerWasDue({ ...request, firstByteUs: null }, usualUs)
      : atFirstByte(request, usualUs),
  'unexpected-status': atFirstByte,
  'header-mismatch': atFirstByte,
  'body-mismatch': atFirstByte,
  'wrong-target': atFirstByte,
  'timeout-headers': whenAnswerWasDue,
  // The response had begun; the log does not say when its last byte came.
  'timeout-body': atFirstByte,
  'in-flight': whenAnswerWasDue,
}

/** For a lost request; `usualUs`: the duration of an answer without disruption. */
export function computeLossInstants(request: RequestRecord, usualUs: number): LossInstants {
  const rule = instantRules[request.outcome as keyof typeof instantRules]
  return { beganUs: request.sentUs ?? request.dueUs, ...rule(request, usualUs) }
}
