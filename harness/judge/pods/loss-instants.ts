/** When a lost request was lost: what its blame, its phase and the moments of its pod go by. */
import type { Outcome, RequestRecord } from '../../model/record.ts'
import type { LostBy } from '../../model/loss.ts'

export interface Instants {
  /** When the pod was chosen: on a new connection its first SYN, as connection tracking keeps the others at the same pod. */
  beganUs: number
  /** The latest instant at which what lost the request can have happened. */
  lostUs: number
  lostBy: LostBy
}

type Rule = (request: RequestRecord, usualUs: number) => Omit<Instants, 'beganUs'>

const noticed: Rule = ({ settledUs }) => ({ lostUs: settledUs, lostBy: 'failure' })
const answered: Rule = ({ firstByteUs, settledUs }) => ({ lostUs: firstByteUs ?? settledUs, lostBy: 'first-byte' })
/** Nobody answered any SYN, the first included. That the client, or the ARP of a node, gave up seconds later tells nothing. */
const unanswered: Rule = ({ sentUs, dueUs }) => ({ lostUs: sentUs ?? dueUs, lostBy: 'first-syn' })
/** It was written, and silence is all that came: had all been well, the answer would have been there after the usual time. */
const overdue: Rule = (request, usualUs) => {
  const { connectedUs, firstByteUs, settledUs } = request
  if (firstByteUs !== null) return answered(request, usualUs)
  if (connectedUs === null) return unanswered(request, usualUs)
  return { lostUs: Math.min(connectedUs + usualUs, settledUs), lostBy: 'answer-due' }
}

/**
 * A cut is noticed when it happens: its cause is the cut. A limit of time that ran out, or an ICMP error after seconds of ARP, is
 * noticed long after its cause: by then other pods are leaving, or all of them have left.
 */
const rules: Record<Exclude<Outcome, 'ok'>, Rule> = {
  // A refusal answers the latest SYN a round trip ago, whenever the kernel sent it: 1, 3, 7 s after the first one, or, from
  // Linux 6.5 on, every second (tcp_syn_linear_timeouts).
  refused: ({ settledUs }) => ({ lostUs: settledUs, lostBy: 'last-syn' }),
  // At once by a route or an ICMP error; after about 3 s where a node asks for the address by ARP in vain. On an established
  // connection it is the request that was sent again without an acknowledgement.
  unreachable: overdue,
  'connect-timeout': unanswered,
  dns: noticed,
  tls: noticed,
  'closed-before-response': noticed,
  'reset-before-response': noticed,
  truncated: noticed,
  'reset-in-body': noticed,
  'protocol-error': noticed,
  'http-4xx': answered,
  // A gateway that says 504 has waited for an answer itself.
  'http-5xx': (request, usualUs) =>
    request.status === 504 ? overdue({ ...request, firstByteUs: null }, usualUs) : answered(request, usualUs),
  'unexpected-status': answered,
  'body-mismatch': answered,
  'wrong-target': answered,
  'timeout-headers': overdue,
  // The response had begun; the log does not have when the last byte of it came.
  'timeout-body': answered,
  'in-flight': overdue,
}

/** Of a lost request; `usualUs` is what an answer takes while nothing is disrupted. */
export function instantsOf(request: RequestRecord, usualUs: number): Instants {
  const rule = rules[request.outcome as keyof typeof rules]
  return { beganUs: request.sentUs ?? request.dueUs, ...rule(request, usualUs) }
}
