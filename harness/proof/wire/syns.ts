/**
 * The pod to which the kernel sent each new connection: the destination of its SYNs after the service proxy has chosen one, whether or not
 * a pod was there. nftables stores it, in a set in every node's network namespace, which is read every few seconds.
 */
import { pause } from '../../base/polling.ts'
import { KernelClock } from './kernel-time.ts'
import { runNft } from './nft.ts'

export interface Syn {
  /** The client's port: `localPort` of a request. */
  port: number
  /** The address of a pod, or that of the Service if it had no pod. */
  ip: string
  /** The latest SYN of this connection to this address; wall clock in ms, with an error of 20. */
  atMs: number
}

export interface SynWatch extends AsyncDisposable {
  /** Reads the latest, and returns all so far. */
  read(): Promise<readonly Syn[]>
}

/** Longer than the interval between any two readings. */
const retentionMs = 20_000
const readEveryMs = 4_000
/** A SYN is retransmitted after 1 s at the earliest (RFC 6298). */
const duplicateMs = 200

const table = 'nodrop_conformance'
/** The last element to expire, practically never: its remaining time shows when the set was read, by the kernel's own clock. */
const marker = { element: '0.0.0.0 . 0 . 0.0.0.0', hours: 240 }
/** Service proxies choose a pod at priority -100 (dstnat), and the packet is routed, or found to be unroutable, after this chain. */
const rules = `
table ip ${table} {
  set syns {
    type ipv4_addr . inet_service . ipv4_addr; flags dynamic,timeout; timeout ${retentionMs / 1000}s; size 65535;
    elements = { ${marker.element} timeout ${marker.hours}h }
  }
  chain prerouting {
    type filter hook prerouting priority -50
    tcp flags & (syn|ack) == syn ip saddr 10.244.0.0/16 update @syns { ip saddr . tcp sport . ip daddr }
  }
}
`

/** Both clusters give their pods addresses in 10.244.0.0/16. Throws a Fault without nftables or the permission for it. */
export async function watchSyns(namespaces: readonly string[]): Promise<SynWatch> {
  const nodes: NodeSynReader[] = []
  for (const namespace of namespaces) {
    await runNft(namespace, ['-f', '-'], rules)
    nodes.push(new NodeSynReader(namespace))
  }
  const readAll = async (): Promise<Syn[]> => {
    for (const node of nodes) await node.read()
    return nodes.flatMap((node) => node.listSyns())
  }
  const stop = new AbortController()
  const reading = readRepeatedly(readAll, stop.signal)
  return {
    read: readAll,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await reading
      // A cluster that ended took its rules with it.
      for (const namespace of namespaces)
        await runNft(namespace, ['delete', 'table', 'ip', table]).catch(() => undefined)
    },
  }
}

/** Until the signal aborts. The next explicit read reports an error. */
async function readRepeatedly(read: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await read().catch(() => undefined)
    await pause(readEveryMs, signal)
  }
}

/** A SYN in the kernel's time, in ms since the set was made. */
interface KernelSyn {
  port: number
  ip: string
  ageMs: number
}

class NodeSynReader {
  readonly #namespace: string
  readonly #time = new KernelClock()
  readonly #syns: KernelSyn[] = []
  readonly #latestMs = new Map<string, number>()

  constructor(namespace: string) {
    this.#namespace = namespace
  }

  async read(): Promise<void> {
    const beforeMs = Date.now()
    const { ageMs, syns } = parseSynSet(await runNft(this.#namespace, ['list', 'set', 'ip', table, 'syns']))
    this.#time.narrow(ageMs, { fromMs: beforeMs, toMs: Date.now() + 1 })
    for (const syn of syns) {
      const key = `${syn.port} ${syn.ip}`
      // It was in an earlier reading.
      if (syn.ageMs < (this.#latestMs.get(key) ?? -Infinity) + duplicateMs) continue
      this.#latestMs.set(key, syn.ageMs)
      this.#syns.push(syn)
    }
  }

  listSyns(): Syn[] {
    return this.#syns.map(({ port, ip, ageMs }) => ({ port, ip, atMs: this.#time.toWallMs(ageMs) }))
  }
}

/** The output of `nft list set`, for example `10.244.0.5 . 40000 . 10.244.0.7 expires 19s984ms`, and the age of the set at that time. */
export function parseSynSet(text: string): { ageMs: number; syns: KernelSyn[] } {
  const element = /([\d.]+) \. (\d+) \. ([\d.]+) (?:timeout \S+ )?expires (\w+)/g
  const found = [...text.matchAll(element)].map(([, from = '', port, ip = '', left = '']) => ({
    isMarker: `${from} . ${port} . ${ip}` === marker.element,
    port: Number(port),
    ip,
    leftMs: parseDurationMs(left),
  }))
  const leftMs = found.find(({ isMarker }) => isMarker)?.leftMs
  if (leftMs === undefined) throw new Error('The set of SYNs has lost its marker')
  const ageMs = marker.hours * 3_600_000 - leftMs
  const syns = found.filter(({ isMarker }) => !isMarker)
  return { ageMs, syns: syns.map(({ port, ip, leftMs }) => ({ port, ip, ageMs: ageMs - (retentionMs - leftMs) })) }
}

/** `9d23h59m58s984ms`. */
function parseDurationMs(text: string): number {
  const unitMs: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  return [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * unitMs[unit]!,
    0,
  )
}
