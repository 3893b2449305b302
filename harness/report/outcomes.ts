/** How each outcome looks and reads. Colour tells the family, shape tells the outcome: never colour alone. */
import type { Outcome } from '../model/record.ts'

/** What kind of thing went wrong; each has a colour of the Okabe–Ito palette. */
export type Family = 'connect' | 'cut' | 'partial' | 'answer' | 'silence'

export interface OutcomeLook {
  family: Family
  /** Ends the sentence "The request …". */
  says: string
  /** For the legend. */
  short: string
  /** SVG path about (0, 0), 7 px wide. */
  path: string
  drawn: 'filled' | 'outlined'
}

export type LostOutcome = Exclude<Outcome, 'ok'>

const look = (family: Family, says: string, short: string, path: string, drawn: OutcomeLook['drawn'] = 'filled') =>
  ({ family, says, short, path, drawn }) satisfies OutcomeLook

const square = 'M-3-3H3V3H-3Z'
const circle = 'M-3.2 0A3.2 3.2 0 1 1 3.2 0A3.2 3.2 0 1 1-3.2 0Z'

/* oxlint-disable max-params -- one row of a table for each outcome */
export const outcomeLooks: Record<LostOutcome, OutcomeLook> = {
  refused: look(
    'connect',
    'was refused: nothing listened any more where its connection was sent',
    'nothing listened',
    'M-3-3L3 3M3-3L-3 3',
    'outlined',
  ),
  unreachable: look(
    'connect',
    'could not reach any host: the address it was sent to no longer existed',
    'address gone',
    'M0-3.6V3.6M-3.6 0H3.6',
    'outlined',
  ),
  'connect-timeout': look(
    'connect',
    'never got a connection in time',
    'no connection in time',
    'M-3.2-3.4H3.2L-3.2 3.4H3.2Z',
  ),
  dns: look(
    'connect',
    'failed because the name of the service was not resolved',
    'name not resolved',
    'M0-3.6V3.6M-3.1-1.8L3.1 1.8M3.1-1.8L-3.1 1.8',
    'outlined',
  ),
  tls: look(
    'connect',
    'failed while TLS was negotiated',
    'TLS not agreed',
    'M-2.4-3.4V3.4M2.4-3.4V3.4M-2.4 0H2.4',
    'outlined',
  ),
  'closed-before-response': look(
    'cut',
    'was sent, but the connection was closed before any byte of a response came',
    'closed, no byte of answer',
    circle,
  ),
  'reset-before-response': look(
    'cut',
    'was sent, but the connection was reset before any byte of a response came',
    'reset, no byte of answer',
    'M0-4L4 0L0 4L-4 0Z',
  ),
  truncated: look(
    'partial',
    'got the beginning of a response, then the connection was closed',
    'answer cut short',
    'M0-3.6A3.6 3.6 0 0 0 0 3.6Z',
  ),
  'reset-in-body': look(
    'partial',
    'got the beginning of a response, then the connection was reset',
    'reset within the answer',
    'M0-4V4L-4 0Z',
  ),
  'timeout-body': look(
    'partial',
    'got the beginning of a response, but never its end',
    'answer never ended',
    'M-3.2-2.6H3.2L0 3.4Z',
    'outlined',
  ),
  'http-5xx': look('answer', 'was answered with a server error', 'server error', square),
  'http-4xx': look('answer', 'was answered as if the request were wrong', 'client error', square, 'outlined'),
  'unexpected-status': look(
    'answer',
    'was answered with a status that the application does not give',
    'unexpected status',
    'M-3-3H3V3H-3ZM-3 3L3-3',
    'outlined',
  ),
  'body-mismatch': look(
    'answer',
    'was answered with a body that is not the one asked for',
    'wrong body',
    'M-3.4-1.5H3.4M-3.4 1.5H3.4M1.8-3.6L-1.8 3.6',
    'outlined',
  ),
  'wrong-target': look(
    'answer',
    'was answered by a server that does not belong to the workload',
    'wrong server',
    'M0-3.6L3.6 3H-3.6Z',
  ),
  'protocol-error': look('answer', 'was answered with bytes that are not HTTP', 'not HTTP', 'M0 3.6L3.6-3H-3.6Z'),
  'timeout-headers': look(
    'silence',
    'was sent, but no response began in time',
    'no answer in time',
    circle,
    'outlined',
  ),
  'in-flight': look(
    'silence',
    'was still waiting when the log ended',
    'waiting when the log ended',
    'M-2.6-3.4L3.4 0L-2.6 3.4Z',
    'outlined',
  ),
}
/* oxlint-enable max-params */

/** The look of an outcome that is not `ok`. */
export function lookOf(outcome: Outcome): OutcomeLook {
  if (outcome === 'ok') throw new RangeError('Cannot draw an ok request as lost')
  return outcomeLooks[outcome]
}
