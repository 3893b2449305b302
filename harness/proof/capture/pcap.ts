/** Reads a capture of tcpdump, in the classic pcap format: https://www.tcpdump.org/manpages/pcap-savefile.5.html */

/** One frame as it was on the wire. */
export interface Packet {
  /** The wall clock of the capturing machine, in µs since 1970. */
  atUs: number
  bytes: Buffer
}

const fileHeader = 24
const packetHeader = 16
const ethernet = 1
/** By the first four bytes of the file: whether numbers are little-endian, and how many units of a time stamp's fraction are a µs. */
const magics: Record<string, { little: boolean; perUs: number }> = {
  d4c3b2a1: { little: true, perUs: 1 },
  a1b2c3d4: { little: false, perUs: 1 },
  '4d3cb2a1': { little: true, perUs: 1000 },
  a1b23c4d: { little: false, perUs: 1000 },
}

/** The packets in the order of the file. An incomplete last one, as after a kill, is left out. */
export function parsePackets(file: Buffer): Packet[] {
  const magic = magics[file.toString('hex', 0, 4)]
  if (!magic || file.length < fileHeader) throw new Error('Cannot read a capture: the file is not in pcap format')
  const readNumber = (at: number): number => (magic.little ? file.readUInt32LE(at) : file.readUInt32BE(at))
  const link = readNumber(20) & 0xffff
  if (link !== ethernet) throw new Error(`Cannot read a capture: its link type must be Ethernet, 1, found ${link}`)
  const packets: Packet[] = []
  for (let at = fileHeader; at + packetHeader <= file.length;) {
    const from = at + packetHeader
    const to = from + readNumber(at + 8)
    if (to > file.length) break
    const atUs = readNumber(at) * 1e6 + Math.floor(readNumber(at + 4) / magic.perUs)
    packets.push({ atUs, bytes: file.subarray(from, to) })
    at = to
  }
  return packets
}
