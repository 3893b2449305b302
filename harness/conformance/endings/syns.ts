/**
 * To which pod the kernel sent each new connection: the destination of its SYNs after the service proxy has chosen one, whether or
 * not anybody was there. nftables keeps it, in a set of every node's network namespace, from which it is read every few seconds.
 */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault, messageOf } from '../../fault.ts'

export interface Syn {
  /** The client's port: `localPort` of a request. */
  port: number
  /** Of a pod, or the Service's own where it had no pod. */
  ip: string
  /** The latest SYN of this connection to this address; wall clock, ms, give or take the kernel's 4 ms and what reading takes. */
  atMs: number
}

export interface SynWatch extends AsyncDisposable {
  /** Reads the latest, and gives all there were. */
  read(): Promise<readonly Syn[]>
}

/** Longer than any two readings are apart. */
const keptMs = 20_000
const readEveryMs = 4_000
/** Two readings of one time differ by less. A retransmission follows after 1 s at the earliest (RFC 6298). */
const sameMs = 200

const table = 'nodrop_conformance'
/**
 * Service proxies choose a pod at priority -100 (dstnat), and the packet is routed, or found to have no way to go, after this chain.
 */
const rules = `
table ip ${table} {
  set syns { type ipv4_addr . inet_service . ipv4_addr; flags dynamic,timeout; timeout ${keptMs / 1000}s; size 65535; }
  chain prerouting {
    type filter hook prerouting priority -50
    tcp flags & (syn|ack) == syn ip saddr 10.244.0.0/16 update @syns { ip saddr . tcp sport . ip daddr }
  }
}
`

/** Both clusters give their pods addresses in 10.244.0.0/16. Throws a Fault where nftables or the right to use it is missing. */
export async function watchSyns(namespaces: readonly string[]): Promise<SynWatch> {
  const syns: Syn[] = []
  const latestMs = new Map<string, number>()
  const stop = new AbortController()
  for (const namespace of namespaces) await nft(namespace, ['-f', '-'], rules)
  const readOne = async (namespace: string): Promise<void> => {
    const text = await nft(namespace, ['list', 'set', 'ip', table, 'syns'])
    for (const syn of synsIn(text, Date.now())) {
      const key = `${syn.port} ${syn.ip}`
      if (syn.atMs < (latestMs.get(key) ?? -Infinity) + sameMs) continue
      latestMs.set(key, syn.atMs)
      syns.push(syn)
    }
  }
  const read = async (): Promise<readonly Syn[]> => {
    for (const namespace of namespaces) await readOne(namespace)
    return syns
  }
  const reading = readAgain(read, stop.signal)
  return {
    read,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await reading
      // A cluster that ended took its rules with it.
      for (const namespace of namespaces) await nft(namespace, ['delete', 'table', 'ip', table]).catch(() => undefined)
    },
  }
}

/** Until the signal aborts. What cannot be read is told by whoever asks next. */
async function readAgain(read: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await read().catch(() => undefined)
    await sleep(readEveryMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Elements of the set as `nft list set` prints them at `nowMs`: `10.244.0.5 . 40000 . 10.244.0.7 expires 19s984ms`. */
export function synsIn(text: string, nowMs: number): Syn[] {
  const element = /[\d.]+ \. (\d+) \. ([\d.]+) (?:timeout \S+ )?expires (?:(\d+)s)?(?:(\d+)ms)?/g
  return [...text.matchAll(element)].map(([, port, ip = '', seconds = '0', ms = '0']) => {
    const leftMs = Number(seconds) * 1000 + Number(ms)
    return { port: Number(port), ip, atMs: nowMs - (keptMs - leftMs) }
  })
}

/** Gives what it printed. */
async function nft(namespace: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn('nsenter', [`--net=${namespace}`, 'nft', ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()))
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new Fault('environment', `Cannot run nft: ${messageOf(error)}`)))
    child.once('close', resolve)
  })
  if (code === 0) return said.stdout
  throw new Fault('environment', `Cannot watch connections in ${namespace}: ${said.stderr.trim()}`)
}
