/** Lines of conntrack(8) 1.4 about new connections, with `-E -e NEW -o timestamp`. */

/** A new connection, and the pod address that the kernel sends it to. */
export interface LedConnection {
  /** When conntrack was told of it, in µs of the node's wall clock. */
  wallUs: number
  /** The client's address. */
  source: string
  sourcePort: number
  /** `address:port` of the answering side: the source of the replies. */
  to: string
}

/**
 *     [1764444440.250137]	    [NEW] tcp      6 120 SYN_SENT src=10.244.1.5 dst=10.96.0.10 sport=40000 dport=80 [UNREPLIED]
 *       src=10.244.2.3 dst=10.244.1.5 sport=8080 dport=40000
 *
 * all in one line. The first addresses are those of the client's packets, the second ones those of the replies.
 */
const newConnection =
  /^\[(\d+)\.(\d{1,6})\d*\]\s+\[NEW\] tcp .*?src=(\S+) dst=\S+ sport=(\d+) dport=\d+ .*?src=(\S+) dst=\S+ sport=(\d+) dport=\d+/

/** `null` for any other line. */
export function parseConntrackLine(line: string): LedConnection | null {
  const found = newConnection.exec(line)
  if (found === null) return null
  const [, seconds = '', fraction = '', source = '', sourcePort = '', pod = '', port = ''] = found
  const wallUs = Number(seconds) * 1_000_000 + Number(fraction.padEnd(6, '0'))
  return { wallUs, source, sourcePort: Number(sourcePort), to: `${pod}:${port}` }
}

/** The first line that it writes once it listens: no later connection is missed. */
export function isListening(line: string): boolean {
  return line.startsWith('NOTICE: Netlink socket buffer size has been set')
}

/** Logged when the kernel had more events than its buffer could hold. */
export function isOverrun(line: string): boolean {
  return line.includes('ENOBUFS')
}
