/** A server that stalls under load by its own log, and what the driver measured meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises'
import { compareLogs } from '../verify/compare-logs.ts'
import type { StageResult } from '../verify/compare-logs.ts'
import { computeDistance, predictFigures, measureFigures } from './freeze-figures.ts'
import type { FreezeFigures } from './freeze-figures.ts'
import type { FaultProcess } from './stage-processes.ts'
import { createLoad, unboundedLag, runStage } from '../verify/run-stage.ts'
import type { StageSetting } from '../verify/run-stage.ts'
import { readTruth } from '../verify/truth-log.ts'

export interface FreezeResult extends StageResult {
  frozenUs: number
  /** Time that the server needed for each waiting request once it continued. */
  serviceUs: number
  measured: FreezeFigures
  expected: FreezeFigures
  /** The larger relative difference of both figures. */
  off: number
}

/** Maximum relative difference of the measured figures from the expected ones. */
export const freezeTolerance = 0.02

const ratePerSecond = 200
/** Load before and after the freeze. */
const unfrozenMs = { before: 2000, after: 5000 }

export async function runFreezeStage(setting: StageSetting, freezeMs: number): Promise<FreezeResult> {
  let freezing = Promise.resolve()
  const logs = await runStage(setting, {
    name: 'freeze',
    requests: Math.ceil(((unfrozenMs.before + freezeMs + unfrozenMs.after) * ratePerSecond) / 1000),
    load: { ...createLoad(ratePerSecond, [0.5, 0.35, 0.15]), timeoutMs: freezeMs + 5000 },
    faults: { seed: 0, okShare: 1, cutAcceptShare: 0 },
    changed: unboundedLag,
    onBegun: (server) => {
      freezing = freezeServer(server, freezeMs)
    },
  })
  await freezing
  const still = await findLongestStall(logs.truth, logs.originUs)
  const latencies = new Float64Array(logs.planned)
  let [sent, waited, lastUs] = [0, 0, still.toUs]
  const result = await compareLogs(logs, ({ dueUs, settledUs }, takenUpUs) => {
    latencies[sent++] = settledUs - dueUs
    if (dueUs < still.fromUs || dueUs >= still.toUs) return
    waited++
    lastUs = Math.max(lastUs, takenUpUs ?? 0)
  })
  const frozenUs = still.toUs - still.fromUs
  const serviceUs = waited === 0 ? 0 : (lastUs - still.toUs) / waited
  const measured = measureFigures(latencies.subarray(0, sent))
  const expected = predictFigures({ ratePerSecond, requests: logs.planned, frozenUs, serviceUs })
  return { ...result, frozenUs, serviceUs, measured, expected, off: computeDistance(measured, expected) }
}

async function freezeServer({ child }: FaultProcess, freezeMs: number): Promise<void> {
  await sleep(unfrozenMs.before)
  child.kill('SIGSTOP')
  await sleep(freezeMs)
  child.kill('SIGCONT')
}

/** The longest stall by the server's own heartbeat, on the clock of the records. */
async function findLongestStall(truth: string, originUs: number): Promise<{ fromUs: number; toUs: number }> {
  let [fromUs, toUs] = [0, 0]
  for await (const line of readTruth(truth)) {
    if (line.type === 'still' && line.toUs - line.fromUs > toUs - fromUs) ({ fromUs, toUs } = line)
  }
  if (toUs === 0) throw new Error(`The log ${truth} does not tell when the server stood still`)
  return { fromUs: fromUs - originUs, toUs: toUs - originUs }
}
