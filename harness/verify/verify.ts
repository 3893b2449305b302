/** The story of a verification: loads against servers whose faults are known, and what both sides say of each request. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicUs } from '../clock.ts'
import { bundleDriver } from '../load/bundle.ts'
import type { LoadPlan } from '../model/plan.ts'
import { compareLogs } from './compare.ts'
import type { StageResult } from './compare.ts'
import { distance, frozenFigures, measuredFigures } from './freeze.ts'
import type { FreezeFigures } from './freeze.ts'
import { fuzz } from './fuzz.ts'
import type { Fuzz } from './fuzz.ts'
import { cutsOfEachKind } from './mix.ts'
import type { FaultProcess } from './processes.ts'
import { runStage } from './stage.ts'
import type { Setting, StagePlan } from './stage.ts'

export interface VerifyOptions {
  /** Requests that meet the mixture of faults. */
  requests: number
  ratePerSecond: number
  seed: number
  /** Mutated responses to read; 0 leaves it out. */
  mutants: number
  /** An existing directory for the logs of both sides. */
  directory: string
  /** How long the frozen server stands still; 0 leaves it out. */
  freezeMs: number
  say: (line: string) => void
  signal?: AbortSignal
}

export interface FreezeResult extends StageResult {
  frozenUs: number
  measured: FreezeFigures
  expected: FreezeFigures
  /** The larger of both figures' distances, as a share. */
  off: number
}

export interface Verification {
  /** Every kind of fault at random. */
  mix: StageResult
  /** Answers of 1 KiB cut at every byte. */
  cuts: StageResult
  /** More load than there are connections for. */
  overload: StageResult
  freeze: FreezeResult | null
  fuzz: Fuzz | null
}

/** So far may the figures of a frozen server be off what its clients must have measured. */
export const freezeTolerance = 0.02

/** Long enough that the server of a busy machine is not taken for one that stalls. */
const timeoutMs = 1500
/** Late is better than never where it is not the driver's speed that is tried. */
const patient = { maxLagMs: 60_000 }
const freezeRate = 200
/** Load before and after the freeze. */
const thawedMs = { before: 2000, after: 5000 }

export async function verify(options: VerifyOptions): Promise<Verification> {
  const { requests, ratePerSecond, freezeMs, mutants, say } = options
  const driverFile = join(options.directory, 'driver.mjs')
  writeFileSync(driverFile, await bundleDriver())
  const setting = { ...options, driverFile }
  say(`${requests} requests at ${ratePerSecond}/s meet every kind of fault at random`)
  const mix = await compareLogs(await runStage(setting, mixStage(options)))
  say('answers of 1 KiB are cut at every byte')
  const cuts = await compareLogs(await runStage(setting, cutStage()))
  say('there is more load than connections for it')
  const overload = await compareLogs(await runStage(setting, overloadStage(options)))
  if (freezeMs > 0) say(`a server stands still for ${freezeMs / 1000} s`)
  const frozen = freezeMs > 0 ? await freeze(setting, freezeMs) : null
  if (mutants > 0) say(`${mutants} mutated answers are read`)
  return { mix, cuts, overload, freeze: frozen, fuzz: mutants > 0 ? await fuzz({ ...options, count: mutants }) : null }
}

function loadOf(ratePerSecond: number, shares: [fresh: number, reused: number, post: number]): LoadPlan {
  const [fresh, reused, post] = shares
  return { ratePerSecond, shares: { fresh, reused, 'reused-post': post }, workMs: 0, thinkMs: 5, timeoutMs }
}

function mixStage({ requests, ratePerSecond, seed }: VerifyOptions): StagePlan {
  const faults = { seed, okShare: 0.5, cutAcceptShare: 0.01 }
  return { name: 'mix', requests, load: loadOf(ratePerSecond, [0.3, 0.35, 0.35]), faults, changed: patient }
}

/** Of a connection that is kept the first answer is whole, so those lanes need twice as many requests to meet each cut. */
function cutStage(): StagePlan {
  const load = loadOf(1500, [0.2, 0.4, 0.4])
  return { name: 'cuts', requests: Math.ceil(5.1 * cutsOfEachKind), load, faults: 'sweep', changed: patient }
}

function overloadStage({ seed }: VerifyOptions): StagePlan {
  const faults = { seed, okShare: 0.5, cutAcceptShare: 0.01 }
  const changed = { maxConnections: 24 }
  return { name: 'overload', requests: 4000, load: loadOf(2000, [0.3, 0.35, 0.35]), faults, changed }
}

async function freeze(setting: Setting, freezeMs: number): Promise<FreezeResult> {
  const requests = Math.ceil(((thawedMs.before + freezeMs + thawedMs.after) * freezeRate) / 1000)
  const load = { ...loadOf(freezeRate, [0.5, 0.35, 0.15]), timeoutMs: freezeMs + 5000 }
  let freezing = Promise.resolve(0)
  const logs = await runStage(setting, {
    name: 'freeze',
    requests,
    load,
    faults: { seed: 0, okShare: 1, cutAcceptShare: 0 },
    changed: patient,
    onBegun: (server) => {
      freezing = standStill(server, freezeMs)
    },
  })
  const latencies = new Float64Array(logs.planned)
  let sent = 0
  const result = await compareLogs(logs, (us) => (latencies[sent++] = us))
  const frozenUs = await freezing
  const measured = measuredFigures(latencies.subarray(0, sent))
  const expected = frozenFigures({ ratePerSecond: freezeRate, requests: logs.planned, frozenUs })
  return { ...result, frozenUs, measured, expected, off: distance(measured, expected) }
}

/** How long it really stood still, µs. */
async function standStill({ child }: FaultProcess, freezeMs: number): Promise<number> {
  await sleep(thawedMs.before)
  child.kill('SIGSTOP')
  const fromUs = monotonicUs()
  await sleep(freezeMs)
  child.kill('SIGCONT')
  return monotonicUs() - fromUs
}
