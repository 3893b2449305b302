/** Builds captures: the frames of TCP connections, in a classic pcap file. */
import { Buffer } from 'node:buffer'

export interface Frame {
  atUs: number
  bytes: Buffer
}

export interface PcapOptions {
  bigEndian?: boolean
  nanoseconds?: boolean
  /** 1: Ethernet. */
  linkType?: number
}

export function buildPcap(frames: readonly Frame[], options: PcapOptions = {}): Buffer {
  const { bigEndian = false, nanoseconds = false, linkType = 1 } = options
  const encodeWords = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4)
    for (const [index, value] of values.entries()) {
      if (bigEndian) bytes.writeUInt32BE(value, index * 4)
      else bytes.writeUInt32LE(value, index * 4)
    }
    return bytes
  }
  // The version, 2.4, consists of two halves of a word.
  const version = bigEndian ? 0x0002_0004 : 0x0004_0002
  const head = encodeWords(nanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4, version, 0, 0, 262_144, linkType)
  const packets = frames.flatMap(({ atUs, bytes }) => {
    const fraction = (atUs % 1e6) * (nanoseconds ? 1000 : 1)
    return [encodeWords(Math.floor(atUs / 1e6), fraction, bytes.length, bytes.length), bytes]
  })
  return Buffer.concat([head, ...packets])
}

const flagBits = { fin: 1, syn: 2, rst: 4, ack: 16 } as const
type Flag = keyof typeof flagBits

interface Header {
  /** `address:port`, as `to`. */
  from: string
  to: string
  seq: number
  flags: readonly Flag[]
}

function buildTcpSegment({ from, to, seq, flags }: Header, payload: Buffer): Buffer {
  const head = Buffer.alloc(20)
  head.writeUInt16BE(Number(from.split(':')[1]), 0)
  head.writeUInt16BE(Number(to.split(':')[1]), 2)
  head.writeUInt32BE(seq >>> 0, 4)
  head[12] = 5 << 4
  head[13] = flags.reduce((sum, flag) => sum | flagBits[flag], 0)
  return Buffer.concat([head, payload])
}

function buildIpDatagram(ends: { from: string; to: string }, protocol: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(20)
  head[0] = 0x45
  head.writeUInt16BE(20 + payload.length, 2)
  head[8] = 64
  head[9] = protocol
  for (const [at, end] of [ends.from, ends.to].entries()) {
    for (const [index, octet] of (end.split(':')[0] ?? '').split('.').entries())
      head[12 + at * 4 + index] = Number(octet)
  }
  return Buffer.concat([head, payload])
}

/** Padded to the minimum frame size of 60 bytes. */
function buildEthernetFrame(datagram: Buffer): Buffer {
  const head = Buffer.alloc(14)
  head.writeUInt16BE(0x0800, 12)
  return Buffer.concat([head, datagram, Buffer.alloc(Math.max(0, 60 - 14 - datagram.length))])
}

/** One TCP connection, frame by frame. Each side's sequence numbers advance by themselves, here past the end of their range. */
export class TcpConversation {
  readonly frames: Frame[] = []
  readonly #client: string
  readonly #server: string
  readonly #next: { client: number; server: number }

  constructor(client: string, server: string, firstSeq = 0xffff_fff0) {
    this.#client = client
    this.#server = server
    this.#next = { client: firstSeq, server: firstSeq + 7 }
  }

  client(atUs: number, flags: readonly Flag[], text = ''): this {
    return this.#add(atUs, { from: this.#client, to: this.#server, seq: this.#next.client, flags }, text)
  }

  server(atUs: number, flags: readonly Flag[], text = ''): this {
    return this.#add(atUs, { from: this.#server, to: this.#client, seq: this.#next.server, flags }, text)
  }

  /** Connects and sends a request. */
  request(atUs: number, text: string): this {
    return this.client(atUs, ['syn'])
      .server(atUs + 10, ['syn', 'ack'])
      .client(atUs + 20, ['ack'], text)
  }

  /** Repeats the latest frame. */
  repeat(atUs: number): this {
    const last = this.frames.at(-1)
    if (last) this.frames.push({ ...last, atUs })
    return this
  }

  /** A router's message that the client's last segment did not arrive (RFC 792). */
  undelivered(atUs: number, code: number): this {
    const original = buildTcpSegment(
      { from: this.#client, to: this.#server, seq: this.#next.client, flags: ['syn'] },
      Buffer.alloc(0),
    )
    const about = buildIpDatagram({ from: this.#client, to: this.#server }, 6, original.subarray(0, 8))
    const message = Buffer.concat([Buffer.from([3, code, 0, 0, 0, 0, 0, 0]), about])
    const router = { from: '10.0.0.254:0', to: this.#client }
    this.frames.push({ atUs, bytes: buildEthernetFrame(buildIpDatagram(router, 1, message)) })
    return this
  }

  #add(atUs: number, header: Header, text: string): this {
    const payload = Buffer.from(text, 'latin1')
    this.frames.push({ atUs, bytes: buildEthernetFrame(buildIpDatagram(header, 6, buildTcpSegment(header, payload))) })
    const length = payload.length + (header.flags.includes('syn') || header.flags.includes('fin') ? 1 : 0)
    this.#next[header.from === this.#client ? 'client' : 'server'] += length
    return this
  }
}
