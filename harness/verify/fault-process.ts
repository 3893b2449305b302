/** The fault server as a program of its own: `fault-process.ts <options as JSON>`; ends, its log complete, when stdin does. */
import { monotonicUs } from '../clock.ts'
import { TruthLog } from './truth-log.ts'
import { startFaultServer } from './fault-server.ts'
import { mixed, sweeping } from './mix.ts'
import type { Mix } from './mix.ts'

export interface FaultProcessOptions {
  /** Where to write what was done; there must be no such file. */
  log: string
  /** All faults at random, or answers cut at every byte, one after the other. */
  faults: Mix | 'sweep'
  workload: string
  /** Whether to log the longest time in which the process stood still. */
  pulse?: boolean
}

const { log: path, faults, workload, pulse = false } = JSON.parse(process.argv[2] ?? '') as FaultProcessOptions
const log = new TruthLog(path)
const { pick, onAccept } = faults === 'sweep' ? sweeping() : mixed(faults)
const server = await startFaultServer({
  pick,
  workload,
  onServed: (served) => log.served(served),
  onAccept(connection, remotePort) {
    const how = onAccept(connection, remotePort)
    if (how !== 'serve') log.cutAtAccept(connection, remotePort, how)
    return how
  },
})
const longest = pulse ? feelPulse() : null
process.stdout.write(`${server.port}\n`)
process.stdin.resume().on('end', () => {
  if (longest) log.still(longest.fromUs, longest.toUs)
  log.close()
  process.exit(0)
})

/** Beats each millisecond; what is returned always has the longest time between two beats so far. */
function feelPulse(): { fromUs: number; toUs: number } {
  const still = { fromUs: 0, toUs: 0 }
  let beatUs = monotonicUs()
  setInterval(() => {
    const nowUs = monotonicUs()
    if (nowUs - beatUs > still.toUs - still.fromUs) Object.assign(still, { fromUs: beatUs, toUs: nowUs })
    beatUs = nowUs
  }, 1)
  return still
}
