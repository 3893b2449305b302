/** Opens connections: TCP, or TLS on it. */
import { isIP, Socket } from 'node:net'
import type { OnReadOpts } from 'node:net'
import { connect, createSecureContext, getCACertificates } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import type { TlsPlan } from '../../model/load/client.ts'

export interface Dialer {
  /** The event after which a connection may be used. */
  readonly readyEvent: 'connect' | 'secureConnect'
  /** Opens a connection. */
  open(onread: OnReadOpts): Socket
}

export interface Target {
  host: string
  port: number
}

export function createDialer(target: Target, tls: TlsPlan | null): Dialer {
  // One address, as for a client that has looked it up before: no second attempt may hide that the first one failed.
  const where = { ...target, autoSelectFamily: false }
  if (tls === null) return { readyEvent: 'connect', open: (onread) => new Socket({ onread }).connect(where) }
  const options = { ...where, ...buildTlsOptions(target, tls), ALPNProtocols: ['http/1.1'] }
  // A TLS socket accepts `onread` as a plain one does; only its types lack it.
  return { readyEvent: 'secureConnect', open: (onread) => connect({ ...options, onread } as ConnectionOptions) }
}

/** The same for every connection. None resumes a session of another, so each performs a full handshake. */
export function buildTlsOptions(
  { host }: Target,
  tls: TlsPlan,
): { secureContext: ReturnType<typeof createSecureContext>; servername: string; rejectUnauthorized: boolean } {
  const ca = 'ca' in tls ? { ca: tls.ca } : 'roots' in tls ? { ca: listSystemRoots() } : {}
  // RFC 6066 §3: an IP address is not a server name.
  const servername = tls.serverName ?? (isIP(host) === 0 ? host : '')
  return { secureContext: createSecureContext(ca), servername, rejectUnauthorized: !('unverified' in tls) }
}

/** The certificates that come with Node where the machine has none. */
function listSystemRoots(): string[] {
  const own = getCACertificates('system')
  return own.length > 0 ? own : getCACertificates('bundled')
}
