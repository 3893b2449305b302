/** Makes connections to a Service's address in this network namespace, and measures what reading where they are led costs. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildConntrackArguments } from '@nodrop/embedded-kubernetes'
import { startClock } from '../../base/clock.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { startTracking } from '../../run/tracking/track-connections.ts'

export interface TrackingCost {
  made: number
  /** Connections that conntrack told of. */
  told: number
  /** CPU time of conntrack, of the harness for what it wrote, and of client and server with and without it. */
  conntrackMs: number
  harnessMs: number
  trackedMs: number
  untrackedMs: number
}

const service = { address: '10.96.0.10', port: 80 }
const pod = { address: '127.0.0.1', port: 8080 }
const network = `
set -e
ip link set lo up
ip route add ${service.address}/32 dev lo
nft -f - <<rules
table ip nat {
  chain output { type nat hook output priority -100; ip daddr ${service.address} tcp dport ${service.port} dnat to ${pod.address}:${pod.port}; }
}
rules
`
/** What conntrack still has in hand. */
const settleMs = 500

export async function measureTracking(load: { connections: number; ratePerSecond: number }): Promise<TrackingCost> {
  const { status, stderr } = spawnSync('sh', ['-c', network], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`Cannot make the network: ${stderr}`)
  const server = createServer((socket) => socket.on('error', () => undefined).end())
  await once(server.listen(pod.port, pod.address), 'listening')
  await makeConnections({ ...load, connections: load.ratePerSecond })
  const untrackedMs = await makeConnections(load)
  const conntrack = spawn('conntrack', buildConntrackArguments(service), { stdio: ['ignore', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  conntrack.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  await sleep(settleMs)
  const trackedMs = await makeConnections(load)
  await sleep(settleMs)
  const conntrackMs = readCpuMs(conntrack)
  conntrack.kill()
  server.close()
  return { made: load.connections, ...(await measureHarness(chunks)), conntrackMs, trackedMs, untrackedMs }
}

/** Gives the CPU time that this process took for them, and the kernel for it. */
async function makeConnections({ connections, ratePerSecond }: Parameters<typeof measureTracking>[0]): Promise<number> {
  const before = process.cpuUsage()
  const beganMs = performance.now()
  const open = new Set<Promise<unknown>>()
  for (let made = 0; made < connections;) {
    for (
      const due = ((performance.now() - beganMs) / 1000) * ratePerSecond;
      made < Math.min(due, connections);
      made++
    ) {
      const socket = createConnection(service.port, service.address)
      const closed = once(
        socket.resume().on('error', () => undefined),
        'close',
      ).finally(() => open.delete(closed))
      open.add(closed)
    }
    await sleep(1)
  }
  await Promise.all(open)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** From what was written to records of the event log. */
async function measureHarness(chunks: readonly Buffer[]): Promise<Pick<TrackingCost, 'told' | 'harnessMs'>> {
  let told = 0
  const source = /src=(\S+) /.exec(chunks[0]?.toString() ?? '')?.[1] ?? ''
  const before = process.cpuUsage()
  const tracking = await startTracking({
    trackConnections: () => Promise.resolve(replay(chunks)),
    api: {} as KubeApi,
    drivers: [{ node: 'node', ip: source }],
    target: { host: service.address, port: service.port },
    most: Infinity,
    clock: startClock(),
    nodeClock: null,
    write: (record) => {
      if (record.type === 'translation') told += record.ports.length
    },
  })
  await tracking.stop()
  const { user, system } = process.cpuUsage(before)
  return { told, harnessMs: (user + system) / 1000 }
}

// oxlint-disable-next-line typescript/require-await -- as a stream is read
async function* replay(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks
}

/** User and system time of a process, from /proc (proc_pid_stat(5)), in ticks of 10 ms. */
function readCpuMs({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}
