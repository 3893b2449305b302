/** Decides the outcome of a failure where it occurs, from the system's error code and the phase of the request. */
import type { Outcome, RequestOutcome } from '../../model/record.ts'
import { timeoutOutcomes } from '../driver/transport.ts'
import type { ExchangePhase } from '../driver/transport.ts'
import type { BodyFindings } from './body-check.ts'
import type { FieldMatch } from './field-match.ts'
import type { ResponseHead } from './response-head.ts'

const connectOutcomes: Record<string, RequestOutcome> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset-before-response',
  EPIPE: 'reset-before-response',
  ETIMEDOUT: 'connect-timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  // A firewall on the way (iptables -j REJECT --reject-with icmp-admin-prohibited, or a rule on this machine).
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  // The driver's machine lacks a resource: nothing was sent, and the server had no part in it.
  EADDRNOTAVAIL: 'overload',
  EADDRINUSE: 'overload',
  EMFILE: 'overload',
  ENFILE: 'overload',
  ENOBUFS: 'overload',
  ENOMEM: 'overload',
}

/** Classifies a failure to connect. */
export function classifyConnectError(code: string): RequestOutcome {
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return 'dns'
  return connectOutcomes[code] ?? 'unreachable'
}

const handshakeResets: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE'])

/**
 * Classifies the failure of an established connection. A RST within the response, its head included, is `reset-in-body`. EPIPE is a RST
 * too: the kernel returns it when the RST follows a FIN that was not read yet.
 */
export function classifySocketError(code: string, phase: ExchangePhase, bytes: number): Outcome {
  if (code === 'ETIMEDOUT') return timeoutOutcomes[phase]
  if (phase === 'handshake') return handshakeResets.has(code) ? 'reset-before-response' : 'tls'
  // With TLS 1.3 an alert may come after the handshake is over for the client.
  if (/^ERR_(?:SSL|TLS)_|^EPROTO$/.test(code)) return 'tls'
  if (bytes > 0) return 'reset-in-body'
  return code === 'EHOSTUNREACH' || code === 'ENETUNREACH' ? 'unreachable' : 'reset-before-response'
}

/** The other side closed normally before the response was complete; interim responses count as its bytes. */
export function classifyEarlyClose(bytes: number): Outcome {
  return bytes > 0 ? 'truncated' : 'closed-before-response'
}

/** How a complete response differs from what is expected of it. */
export interface Findings extends BodyFindings {
  accepts: (status: number) => boolean
  /** What is wrong with its header fields; `null` when they are as expected. */
  field: string | null
}

/** The outcome of a complete response by its content; how it ended was checked before. */
export function classifyResponse(
  { status, id, workload }: Pick<ResponseHead, 'status' | 'id' | 'workload'>,
  { accepts, digest, field, body }: Findings,
): { outcome: Outcome; detail: string | null } {
  if (accepts(status)) {
    if (isWrong(workload)) return { outcome: 'wrong-target', detail: `workload header: ${workload}` }
    if (isWrong(id)) return { outcome: 'body-mismatch', detail: `request id header: ${id}` }
    if (digest === 'other') return { outcome: 'body-mismatch', detail: 'content-digest: other' }
    if (field !== null) return { outcome: 'header-mismatch', detail: field }
    if (body !== null) return { outcome: 'body-mismatch', detail: body }
    return good
  }
  if (status >= 400 && status < 500) return { outcome: 'http-4xx', detail: null }
  if (status >= 500 && status < 600) return { outcome: 'http-5xx', detail: null }
  return { outcome: 'unexpected-status', detail: null }
}

function isWrong(match: FieldMatch): boolean {
  return match === 'absent' || match === 'other'
}

const good: { outcome: Outcome; detail: string | null } = { outcome: 'ok', detail: null }
