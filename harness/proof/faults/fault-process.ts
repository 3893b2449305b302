/** The fault server as a separate program: `fault-process.ts <options as JSON>`; ends, with its log complete, when stdin does. */
import { readFileSync } from 'node:fs'
import { monotonicUs } from '../../base/clock.ts'
import { parseNetstat } from '../../base/netstat.ts'
import { TruthLog } from '../verify/truth-log.ts'
import { startFaultServer } from './fault-server.ts'
import { createMixedFaults, createCutSweep } from './fault-mix.ts'
import type { FaultMix } from './fault-mix.ts'

export interface FaultProcessOptions {
  /** The path of the log; it must not exist. */
  log: string
  /** All faults at random, or answers cut at every byte in turn. */
  faults: FaultMix | 'sweep'
  workload: string
}

const heartbeatMs = 2
const lookMs = 50
/** A shorter stall makes no client time out. */
const stallUs = 100_000

const { log: path, faults, workload } = JSON.parse(process.argv[2] ?? '') as FaultProcessOptions
const log = new TruthLog(path)
const { pick, onAccept } = faults === 'sweep' ? createCutSweep() : createMixedFaults(faults)
const server = await startFaultServer({
  pick,
  workload,
  onServed: (served) => log.addServed(served),
  onAccept(connection, remotePort) {
    const how = onAccept(connection, remotePort)
    if (how !== 'serve') log.addCutAtAccept(connection, remotePort, how)
    return how
  },
})
process.stdout.write(`${server.port}\n`)
process.stdin.resume().on('end', () => {
  log.close()
  process.exit(0)
})

/** The process detects by its heartbeat when it stalled: stopped, without a core, or busy. */
let heartbeatUs = monotonicUs()
setInterval(() => {
  const nowUs = monotonicUs()
  if (nowUs - heartbeatUs > stallUs) log.addSpan('still', heartbeatUs, nowUs)
  heartbeatUs = nowUs
}, heartbeatMs)

/** Number of connections that the kernel rejected on this machine; 0 if unknown. */
function readListenDrops(): number {
  try {
    return parseNetstat(readFileSync('/proc/net/netstat', 'latin1')).listenDrops
  } catch {
    return 0
  }
}

/** Bursts of connections fill the queue of a process that gets no core. It reports that itself, because their requests never arrive. */
let last = { us: monotonicUs(), drops: readListenDrops() }
setInterval(() => {
  const now = { us: monotonicUs(), drops: readListenDrops() }
  if (now.drops > last.drops) log.addSpan('full', last.us, now.us)
  last = now
}, lookMs)
