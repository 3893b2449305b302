/** The sequence of a verification: loads against servers with known faults, and the comparison of both sides' records of each request. */
import { join } from 'node:path'
import { writeDurably } from '../../base/files/durable-file.ts'
import { bundleDriver } from '../../load/service/bundle.ts'
import { compareLogs } from './compare-logs.ts'
import type { StageResult } from './compare-logs.ts'
import { runFreezeStage } from '../faults/freeze-stage.ts'
import type { FreezeResult } from '../faults/freeze-stage.ts'
import { runFuzz } from '../faults/fuzz.ts'
import type { Fuzz } from '../faults/fuzz.ts'
import { requestsPerCutSweep } from '../faults/fault-mix.ts'
import { runNeighbourTrials } from './noisy-neighbour.ts'
import type { NeighbourResult } from './noisy-neighbour.ts'
import { runRequestStage } from './request-stage.ts'
import type { RequestStageResult } from './request-stage.ts'
import { createLoad, unboundedLag, runStage } from './run-stage.ts'
import type { StagePlan } from './run-stage.ts'

export interface VerifyOptions {
  /** Number of requests that meet the mixture of faults. */
  requests: number
  ratePerSecond: number
  seed: number
  /** Number of mutated responses to read; 0: skips them. */
  mutants: number
  /** An existing directory for the logs of both sides. */
  directory: string
  /** How long the frozen server stalls, in ms; 0: skips it. */
  freezeMs: number
  /** Number of loads beside a busy neighbour on the driver's core, with twice as many without; 0: skips them. */
  neighbours: number
  onProgress: (line: string) => void
  signal?: AbortSignal
}

export interface Verification {
  /** All kinds of fault at random. */
  mix: StageResult
  /** Answers of 1 KiB cut at every byte. */
  cuts: StageResult
  /** More load than the connections allow. */
  overload: StageResult
  /** Several requests, each with its own expectations. */
  requests: RequestStageResult
  freeze: FreezeResult | null
  fuzz: Fuzz | null
  neighbours: NeighbourResult | null
}

export async function runVerification(options: VerifyOptions): Promise<Verification> {
  const { requests, ratePerSecond, freezeMs, mutants, onProgress } = options
  const driverFile = join(options.directory, 'driver.mjs')
  writeDurably(driverFile, await bundleDriver())
  const setting = { ...options, driverFile }
  onProgress(`${requests} requests at ${ratePerSecond}/s meet every kind of fault at random`)
  const mix = await compareLogs(await runStage(setting, createMixStage(options)))
  onProgress('answers of 1 KiB are cut at every byte')
  const cuts = await compareLogs(await runStage(setting, createCutStage()))
  onProgress('there is more load than connections for it')
  const overload = await compareLogs(await runStage(setting, createOverloadStage(options)))
  onProgress('several requests, each with expectations of its own, are answered rightly and wrongly')
  const listed = await runRequestStage(setting, Math.min(requests, mostOfList))
  if (freezeMs > 0) onProgress(`a server stands still for ${freezeMs / 1000} s`)
  const frozen = freezeMs > 0 ? await runFreezeStage(setting, freezeMs) : null
  if (mutants > 0) onProgress(`${mutants} mutated answers are read`)
  const fuzzed = mutants > 0 ? await runFuzz({ ...options, count: mutants }) : null
  if (options.neighbours > 0) onProgress(`the driver's core has a busy neighbour, ${options.neighbours} times`)
  const beside =
    options.neighbours > 0
      ? await runNeighbourTrials(setting, { beside: options.neighbours, without: 2 * options.neighbours })
      : null
  return { mix, cuts, overload, requests: listed, freeze: frozen, fuzz: fuzzed, neighbours: beside }
}

/** Several thousand meet every answer of the list hundreds of times. */
const mostOfList = 3000

const everyLane: [number, number, number] = [0.3, 0.35, 0.35]

function createMixStage({ requests, ratePerSecond, seed }: VerifyOptions): StagePlan {
  const faults = { seed, okShare: 0.5, cutAcceptShare: 0.01 }
  return { name: 'mix', requests, load: createLoad(ratePerSecond, everyLane), faults, changed: unboundedLag }
}

/** On a kept connection the first answer is complete, so those lanes need twice as many requests to meet each cut. */
function createCutStage(): StagePlan {
  const load = createLoad(1500, [0.2, 0.4, 0.4])
  return { name: 'cuts', requests: Math.ceil(5.1 * requestsPerCutSweep), load, faults: 'sweep', changed: unboundedLag }
}

function createOverloadStage({ seed }: VerifyOptions): StagePlan {
  const faults = { seed, okShare: 0.5, cutAcceptShare: 0.01 }
  const changed = { maxConnections: 24 }
  return { name: 'overload', requests: 4000, load: createLoad(2000, everyLane), faults, changed }
}
