/** The part of a request that a rule about a client may use: what the client itself would have seen. */
import type { Method } from '../../model/load/client.ts'
import type { RequestLookup } from '../../model/load/request-choice.ts'
import { answeredOutcomes } from '../../model/record.ts'
import type { Outcome, RequestRecord } from '../../model/record.ts'

export interface SentRequest extends Pick<RequestRecord, 'status' | 'use' | 'bytes'> {
  outcome: Outcome
  method: Method
}

export function toSentRequest(record: RequestRecord, lookUp: RequestLookup): SentRequest {
  const { status, use, bytes, outcome } = record
  return { status, use, bytes, outcome: outcome as Outcome, method: lookUp(record).method }
}

/** Whether a complete response came, whatever its status. */
export function isAnswered({ outcome }: SentRequest): boolean {
  return answeredOutcomes.has(outcome)
}

/** From 400 on; false without a status. */
export function isErrorStatus({ status }: SentRequest): boolean {
  return (status ?? 0) >= 400
}

/** A status of 2xx. */
export function isSuccess({ status }: SentRequest): boolean {
  return status !== null && status >= 200 && status < 300
}

/** Whether no connection was made: nothing was sent. */
export function isUnconnected({ outcome }: SentRequest): boolean {
  return outcome === 'refused' || outcome === 'unreachable' || outcome === 'connect-timeout'
}

/** Whether its connection ended, by a FIN or a RST, before a byte of the response. */
export function isEndedBeforeResponse({ outcome, bytes }: SentRequest): boolean {
  return bytes === 0 && (outcome === 'closed-before-response' || outcome === 'reset-before-response')
}

/** Whether it was sent on a connection that had carried an earlier one. */
export function isOnKeptConnection({ use }: SentRequest): boolean {
  return use > 1
}

/** RFC 9110 §9.2.1. */
export function isSafe({ method }: SentRequest): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}
