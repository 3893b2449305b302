/** A TCP segment in a frame, or a message that one did not arrive. Ethernet and IPv4; other frames are not of a driver's load. */
import type { Packet } from './pcap.ts'

export interface Segment {
  kind: 'segment'
  atUs: number
  /** `address:port`, as `to`. */
  from: string
  to: string
  seq: number
  syn: boolean
  ack: boolean
  fin: boolean
  rst: boolean
  payload: Buffer
}

/** An ICMP message "destination unreachable". */
export interface Undelivered {
  kind: 'undelivered'
  atUs: number
  /** From the segment that it reports. */
  from: string
  to: string
  /** RFC 792: 1 host unreachable, 3 port unreachable, 13 prohibited … */
  code: number
}

const [ipv4, icmp, tcp] = [0x0800, 1, 6] as const
const ethernetHeader = 14
const unreachable = 3

export function parseFrame({ atUs, bytes }: Packet): Segment | Undelivered | null {
  if (bytes.length < ethernetHeader + 20 || bytes.readUInt16BE(12) !== ipv4) return null
  const ip = parseDatagram(bytes.subarray(ethernetHeader))
  if (ip.protocol === tcp && ip.payload.length >= 20) return parseSegment(ip, atUs)
  if (ip.protocol !== icmp || ip.payload[0] !== unreachable || ip.payload.length < 8 + 20 + 4) return null
  const about = parseDatagram(ip.payload.subarray(8))
  if (about.protocol !== tcp || about.payload.length < 4) return null
  return { kind: 'undelivered', atUs, ...formatEnds(about), code: ip.payload[1] ?? 0 }
}

interface Datagram {
  source: string
  destination: string
  protocol: number
  payload: Buffer
}

/** The frame may be longer than the datagram, because Ethernet pads short ones. */
function parseDatagram(bytes: Buffer): Datagram {
  const headerLength = ((bytes[0] ?? 0) & 15) * 4
  const formatAddress = (at: number): string => [...bytes.subarray(at, at + 4)].join('.')
  return {
    source: formatAddress(12),
    destination: formatAddress(16),
    protocol: bytes[9] ?? 0,
    payload: bytes.subarray(headerLength, bytes.readUInt16BE(2)),
  }
}

function formatEnds({ source, destination, payload }: Datagram): { from: string; to: string } {
  return { from: `${source}:${payload.readUInt16BE(0)}`, to: `${destination}:${payload.readUInt16BE(2)}` }
}

function parseSegment(ip: Datagram, atUs: number): Segment {
  const flags = ip.payload[13] ?? 0
  return {
    kind: 'segment',
    atUs,
    ...formatEnds(ip),
    seq: ip.payload.readUInt32BE(4),
    fin: (flags & 1) !== 0,
    syn: (flags & 2) !== 0,
    rst: (flags & 4) !== 0,
    ack: (flags & 16) !== 0,
    payload: ip.payload.subarray(((ip.payload[12] ?? 0) >> 4) * 4),
  }
}
