/** The fault server as a program of its own: `fault-process.ts <options as JSON>`; ends, its log complete, when stdin does. */
import { readFileSync } from 'node:fs'
import { monotonicUs } from '../../base/clock.ts'
import { parseNetstat } from '../../base/netstat.ts'
import { TruthLog } from '../verify/truth-log.ts'
import { startFaultServer } from './fault-server.ts'
import { createMixedFaults, createCutSweep } from './fault-mix.ts'
import type { FaultMix } from './fault-mix.ts'

export interface FaultProcessOptions {
  /** Where to write what was done; there must be no such file. */
  log: string
  /** All faults at random, or answers cut at every byte, one after the other. */
  faults: FaultMix | 'sweep'
  workload: string
}

const heartbeatMs = 2
const lookMs = 50
/** A shorter stop than this makes no client wait in vain. */
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

/** By its pulse the process feels when it stood still: stopped, kept from a core, or busy. */
let heartbeatUs = monotonicUs()
setInterval(() => {
  const nowUs = monotonicUs()
  if (nowUs - heartbeatUs > stallUs) log.addSpan('still', heartbeatUs, nowUs)
  heartbeatUs = nowUs
}, heartbeatMs)

/** Connections that the kernel turned away, on this machine; 0 where it does not tell. */
function readListenDrops(): number {
  try {
    return parseNetstat(readFileSync('/proc/net/netstat', 'latin1')).listenDrops
  } catch {
    return 0
  }
}

/** Bursts of connections fill the queue of a process that gets no core. It tells so itself, for no request of theirs ever comes. */
let last = { us: monotonicUs(), drops: readListenDrops() }
setInterval(() => {
  const now = { us: monotonicUs(), drops: readListenDrops() }
  if (now.drops > last.drops) log.addSpan('full', last.us, now.us)
  last = now
}, lookMs)
