/** How each outcome is drawn and worded. The colour shows the family and the shape the outcome, never colour alone. */
import type { Outcome } from '../../model/record.ts'

/** The kind of failure; each has a colour of the Okabe–Ito palette. */
export type Family = 'connect' | 'cut' | 'partial' | 'answer' | 'silence'

export interface OutcomeLook {
  family: Family
  /** Ends the sentence "The request …". */
  says: string
  /** For the legend. */
  short: string
  /** For places with room for a word or two: `21 cut off`. */
  word: string
  /** SVG path about (0, 0), 7 px wide. */
  path: string
  drawn: 'filled' | 'outlined'
}

export type LostOutcome = Exclude<Outcome, 'ok'>

const squarePath = 'M-3-3H3V3H-3Z'
const circlePath = 'M-3.2 0A3.2 3.2 0 1 1 3.2 0A3.2 3.2 0 1 1-3.2 0Z'

export const outcomeLooks: Record<LostOutcome, OutcomeLook> = {
  refused: {
    family: 'connect',
    says: 'was refused: nothing listened any more where its connection was sent',
    short: 'nothing listened',
    word: 'refused',
    path: 'M-3-3L3 3M3-3L-3 3',
    drawn: 'outlined',
  },
  unreachable: {
    family: 'connect',
    says: 'could not reach any host: the address it was sent to no longer existed',
    short: 'address gone',
    word: 'unreachable',
    path: 'M0-3.6V3.6M-3.6 0H3.6',
    drawn: 'outlined',
  },
  'connect-timeout': {
    family: 'connect',
    says: 'never got a connection in time',
    short: 'no connection in time',
    word: 'not connected',
    path: 'M-3.2-3.4H3.2L-3.2 3.4H3.2Z',
    drawn: 'filled',
  },
  dns: {
    family: 'connect',
    says: 'failed because the name of the service was not resolved',
    short: 'name not resolved',
    word: 'not resolved',
    path: 'M0-3.6V3.6M-3.1-1.8L3.1 1.8M3.1-1.8L-3.1 1.8',
    drawn: 'outlined',
  },
  tls: {
    family: 'connect',
    says: 'failed while TLS was negotiated',
    short: 'TLS not agreed',
    word: 'TLS failed',
    path: 'M-2.4-3.4V3.4M2.4-3.4V3.4M-2.4 0H2.4',
    drawn: 'outlined',
  },
  'closed-before-response': {
    family: 'cut',
    says: 'was sent, but the connection was closed before any byte of a response came',
    short: 'closed, no byte of answer',
    word: 'cut off',
    path: circlePath,
    drawn: 'filled',
  },
  'reset-before-response': {
    family: 'cut',
    says: 'was sent, but the connection was reset before any byte of a response came',
    short: 'reset, no byte of answer',
    word: 'reset',
    path: 'M0-4L4 0L0 4L-4 0Z',
    drawn: 'filled',
  },
  truncated: {
    family: 'partial',
    says: 'got the beginning of a response, then the connection was closed',
    short: 'answer cut short',
    word: 'truncated',
    path: 'M0-3.6A3.6 3.6 0 0 0 0 3.6Z',
    drawn: 'filled',
  },
  'reset-in-body': {
    family: 'partial',
    says: 'got the beginning of a response, then the connection was reset',
    short: 'reset within the answer',
    word: 'reset in body',
    path: 'M0-4V4L-4 0Z',
    drawn: 'filled',
  },
  'timeout-body': {
    family: 'partial',
    says: 'got the beginning of a response, but never its end',
    short: 'answer never ended',
    word: 'body timed out',
    path: 'M-3.2-2.6H3.2L0 3.4Z',
    drawn: 'outlined',
  },
  'http-5xx': {
    family: 'answer',
    says: 'was answered with a server error',
    short: 'server error',
    word: '× 5xx',
    path: squarePath,
    drawn: 'filled',
  },
  'http-4xx': {
    family: 'answer',
    says: 'was answered as if the request were wrong',
    short: 'client error',
    word: '× 4xx',
    path: squarePath,
    drawn: 'outlined',
  },
  'unexpected-status': {
    family: 'answer',
    says: 'was answered with a status that the application does not give',
    short: 'unexpected status',
    word: 'odd status',
    path: 'M-3-3H3V3H-3ZM-3 3L3-3',
    drawn: 'outlined',
  },
  'header-mismatch': {
    family: 'answer',
    says: 'was answered without a header that was expected',
    short: 'wrong header',
    word: 'wrong header',
    path: 'M-3.4-3H3.4M-3.4 0H1M-3.4 3H1',
    drawn: 'outlined',
  },
  'body-mismatch': {
    family: 'answer',
    says: 'was answered with a body that is not the one asked for',
    short: 'wrong body',
    word: 'wrong body',
    path: 'M-3.4-1.5H3.4M-3.4 1.5H3.4M1.8-3.6L-1.8 3.6',
    drawn: 'outlined',
  },
  'wrong-target': {
    family: 'answer',
    says: 'was answered by a server that does not belong to the workload',
    short: 'wrong server',
    word: 'wrong server',
    path: 'M0-3.6L3.6 3H-3.6Z',
    drawn: 'filled',
  },
  'protocol-error': {
    family: 'answer',
    says: 'was answered with bytes that are not HTTP',
    short: 'not HTTP',
    word: 'not HTTP',
    path: 'M0 3.6L3.6-3H-3.6Z',
    drawn: 'filled',
  },
  'timeout-headers': {
    family: 'silence',
    says: 'was sent, but no response began in time',
    short: 'no answer in time',
    word: 'timed out',
    path: circlePath,
    drawn: 'outlined',
  },
  'in-flight': {
    family: 'silence',
    says: 'was still waiting when the log ended',
    short: 'waiting when the log ended',
    word: 'unanswered',
    path: 'M-2.6-3.4L3.4 0L-2.6 3.4Z',
    drawn: 'outlined',
  },
}

/** The look of an outcome that is not `ok`. */
export function getOutcomeLook(outcome: Outcome): OutcomeLook {
  if (outcome === 'ok') throw new RangeError('Cannot draw an ok request as lost')
  return outcomeLooks[outcome]
}
