/**
 * Whether a driver that shares its core reports that: loads beside a neighbour that takes all of the core that it can get, and others
 * without one. The question is that of a verdict, with the same kind of log.
 *
 * The neighbour has several threads, like a build. A single one hardly delays a driver that sleeps most of the time: Linux gives a core at
 * once to a thread that has used little of it, and a p99 of the send lag of 1 to 2 ms is that of an ordinary run.
 */
import { readFileSync } from 'node:fs'
import { collectEvidence } from '../../judge/facts/evidence.ts'
import { computeSendLag } from '../../judge/facts/lane-results.ts'
import { explainOverload } from '../../judge/figures/driver-overload.ts'
import { findPhases } from '../../judge/figures/phases.ts'
import { startProcess } from '../../base/child-process.ts'
import type { RunningProcess } from '../../base/child-process.ts'
import { readLog } from '../../log/reader.ts'
import type { Quantiles } from '../../model/result.ts'
import { createLoad, runStage } from './run-stage.ts'
import type { StageSetting } from './run-stage.ts'

export interface NeighbourResult {
  beside: NeighbourTrials
  without: NeighbourTrials
}

export interface NeighbourTrials {
  loads: number
  /** Number of loads without a verdict. */
  overloaded: number
  /** The reason for each overload. */
  because: string[]
}

/** A default run's rate, for five seconds. */
const ratePerSecond = 200
const requests = 1000
const neighbourProcesses = 4
/** For comparison with a default run's lag: the sample application works for 100 ms on each request. */
const usual: Quantiles = { count: 0, p50Us: 100_000, p90Us: null, p99Us: 100_000, p999Us: null, maxUs: null }
/** The neighbour ends after this time, even if the program that started it has died. */
const neighbourMs = 60_000

export async function runNeighbourTrials(
  setting: StageSetting,
  counts: { beside: number; without: number },
): Promise<NeighbourResult> {
  const core = findFirstCore()
  const without = await runTrials(counts.without, (name) => measureOverload(setting, name, core))
  const beside = await runTrials(counts.beside, async (name) => {
    const neighbour = Array.from({ length: neighbourProcesses }, () => spawnSpinner(core))
    try {
      return await measureOverload(setting, `beside-${name}`, core)
    } finally {
      for (const process of neighbour) process.kill()
    }
  })
  return { beside, without }
}

async function runTrials(loads: number, attempt: (name: string) => Promise<string | null>): Promise<NeighbourTrials> {
  const because: string[] = []
  for (let number = 1; number <= loads; number++) {
    const why = await attempt(`neighbour-${number}`)
    if (why !== null) because.push(why)
  }
  return { loads, overloaded: because.length, because }
}

async function measureOverload(setting: StageSetting, name: string, core: string): Promise<string | null> {
  const { log } = await runStage(setting, {
    name,
    requests,
    load: { ...createLoad(ratePerSecond, [0.5, 0.35, 0.15]), thinkMs: 500, timeoutMs: 5000 },
    faults: { seed: 0, okShare: 1, cutAcceptShare: 0 },
    core,
  })
  const evidence = await collectEvidence(readLog(log))
  return explainOverload({ latency: usual, sendLag: computeSendLag(evidence) }, evidence, findPhases(evidence))
}

function spawnSpinner(core: string): RunningProcess {
  const code = `for (const end = Date.now() + ${neighbourMs}; Date.now() < end;);`
  return startProcess(['taskset', '-c', core, process.execPath, '-e', code], { diesWithParent: true })
}

/** The first core that this process may use. */
function findFirstCore(): string {
  return /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0'
}
