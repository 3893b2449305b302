/** The TCP connections that a client opened, assembled from the segments of a capture. */
import type { Segment, Undelivered } from './segment.ts'

/** Times are those of the capture, `null` for events that it lacks. */
export interface Flow {
  client: string
  server: string
  /** When the first SYN was sent; later ones are retransmissions. */
  synUs: number
  syns: number
  /** SYN-ACK. */
  acceptedUs: number | null
  /** A RST in answer to the SYN, or a message that the port has no listener. */
  refusedUs: number | null
  /** A message that the host or the network is unreachable. */
  unreachableUs: number | null
  /** The server's first FIN and its first RST. */
  finUs: number | null
  rstUs: number | null
  /** The client's first FIN or RST. */
  closedUs: number | null
  sent: ByteStream
  got: ByteStream
}

/** The data sent by one side, reordered and without retransmissions. */
export class ByteStream {
  readonly #pieces: { at: number; bytes: Buffer; atUs: number }[] = []
  #firstSeq = 0

  /** Starts with the sequence number of its SYN. */
  begin(seq: number): void {
    this.#firstSeq = seq + 1
  }

  add({ seq, payload, atUs }: Segment): void {
    if (payload.length > 0) this.#pieces.push({ at: (seq - this.#firstSeq) >>> 0, bytes: payload, atUs })
  }

  /** The bytes up to the first missing one, and when each was first seen. */
  assemble(): { bytes: Buffer; timeOf: (index: number) => number } {
    const parts: { from: number; bytes: Buffer; atUs: number }[] = []
    let end = 0
    for (const { at, bytes, atUs } of this.#pieces.toSorted((a, b) => a.at - b.at || a.atUs - b.atUs)) {
      if (at > end) break
      if (at + bytes.length <= end) continue
      parts.push({ from: end, bytes: bytes.subarray(end - at), atUs })
      end = at + bytes.length
    }
    return {
      bytes: Buffer.concat(parts.map(({ bytes }) => bytes)),
      timeOf: (index) => parts.findLast(({ from }) => from <= index)?.atUs ?? Number.NaN,
    }
  }
}

/** In the order of their first SYNs. Segments of connections whose SYN is not in the capture are left out. */
export function assembleFlows(seen: Iterable<Segment | Undelivered>): Flow[] {
  const flows: Flow[] = []
  /** The latest connection of each pair of addresses: ports are reused. */
  const latest = new Map<string, { flow: Flow; isn: number }>()
  for (const one of seen) {
    const forth = `${one.from} ${one.to}`
    const known = latest.get(forth)
    if (one.kind === 'undelivered') {
      if (known) markUndelivered(known.flow, one)
      continue
    }
    if (one.syn && !one.ack) {
      if (known?.isn === one.seq) {
        known.flow.syns++
        continue
      }
      const flow = createFlow(one)
      flows.push(flow)
      latest.set(forth, { flow, isn: one.seq })
      continue
    }
    const back = latest.get(`${one.to} ${one.from}`)
    if (known) addClientSegment(known.flow, one)
    else if (back) addServerSegment(back.flow, one)
  }
  return flows
}

function createFlow({ from, to, atUs, seq }: Segment): Flow {
  const flow: Flow = {
    client: from,
    server: to,
    synUs: atUs,
    syns: 1,
    acceptedUs: null,
    refusedUs: null,
    unreachableUs: null,
    finUs: null,
    rstUs: null,
    closedUs: null,
    sent: new ByteStream(),
    got: new ByteStream(),
  }
  flow.sent.begin(seq)
  return flow
}

function addClientSegment(flow: Flow, segment: Segment): void {
  flow.sent.add(segment)
  if (segment.fin || segment.rst) flow.closedUs ??= segment.atUs
}

function addServerSegment(flow: Flow, segment: Segment): void {
  const { atUs, seq, syn, fin, rst } = segment
  if (syn) {
    flow.acceptedUs ??= atUs
    flow.got.begin(seq)
    return
  }
  if (rst && flow.acceptedUs === null) flow.refusedUs ??= atUs
  else if (rst) flow.rstUs ??= atUs
  if (fin) flow.finUs ??= atUs
  flow.got.add(segment)
}

/** RFC 1122 §4.2.3.9: a port without a listener refuses the connection, as Linux does in SYN-SENT. */
const portUnreachable = 3

function markUndelivered(flow: Flow, { atUs, code }: Undelivered): void {
  if (code === portUnreachable) flow.refusedUs ??= atUs
  else flow.unreachableUs ??= atUs
}
