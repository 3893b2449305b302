/** When a lost request was lost: what its blame, its phase and the moments of its pod go by. */
import type { Outcome, RequestRecord } from '../../model/record.ts'
import type { LostBy } from '../../model/loss.ts'

export interface LossInstants {
  /** When the pod was chosen: on a new connection its first SYN, as connection tracking keeps the others at the same pod. */
  beganUs: number
  /** The latest instant at which what lost the request can have happened. */
  lostUs: number
  lostBy: LostBy
}

type InstantRule = (request: RequestRecord, usualUs: number) => Omit<LossInstants, 'beganUs'>

const atFailure: InstantRule = ({ settledUs }) => ({ lostUs: settledUs, lostBy: 'failure' })
const atFirstByte: InstantRule = ({ firstByteUs, settledUs }) => ({
  lostUs: firstByteUs ?? settledUs,
  lostBy: 'first-byte',
})
/** Nobody answered any SYN, the first included. That the client, or the ARP of a node, gave up seconds later tells nothing. */
const atFirstSyn: InstantRule = ({ sentUs, dueUs }) => ({ lostUs: sentUs ?? dueUs, lostBy: 'first-syn' })
/** It was written, and silence is all that came: had all been well, the answer would have been there after the usual time. */
const whenAnswerWasDue: InstantRule = (request, usualUs) => {
  const { connectedUs, firstByteUs, settledUs } = request
  if (firstByteUs !== null) return atFirstByte(request, usualUs)
  if (connectedUs === null) return atFirstSyn(request, usualUs)
  return { lostUs: Math.min(connectedUs + usualUs, settledUs), lostBy: 'answer-due' }
}

/**
 * A cut is noticed when it happens: its cause is the cut. A limit of time that ran out, or an ICMP error after seconds of ARP, is
 * noticed long after its cause: by then other pods are leaving, or all of them have left.
 */
const instantRules: Record<Exclude<Outcome, 'ok'>, InstantRule> = {
  // A refusal answers the latest SYN a round trip ago, whenever the kernel sent it: 1, 3, 7 s after the first one, or, from
  // Linux 6.5 on, every second (tcp_syn_linear_timeouts).
  refused: ({ settledUs }) => ({ lostUs: settledUs, lostBy: 'last-syn' }),
  // At once by a route or an ICMP error; after about 3 s where a node asks for the address by ARP in vain. On an established
  // connection it is the request that was sent again without an acknowledgement.
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
  // A gateway that says 504 has waited for an answer itself.
  'http-5xx': (request, usualUs) =>
    request.status === 504
      ? whenAnswerWasDue({ ...request, firstByteUs: null }, usualUs)
      : atFirstByte(request, usualUs),
  'unexpected-status': atFirstByte,
  'header-mismatch': atFirstByte,
  'body-mismatch': atFirstByte,
  'wrong-target': atFirstByte,
  'timeout-headers': whenAnswerWasDue,
  // The response had begun; the log does not have when the last byte of it came.
  'timeout-body': atFirstByte,
  'in-flight': whenAnswerWasDue,
}

/** Of a lost request; `usualUs` is what an answer takes while nothing is disrupted. */
export function computeLossInstants(request: RequestRecord, usualUs: number): LossInstants {
  const rule = instantRules[request.outcome as keyof typeof instantRules]
  return { beganUs: request.sentUs ?? request.dueUs, ...rule(request, usualUs) }
}
