/** Gates of real runs, from their logs. */
import { expect, test } from 'vitest'
import { gateKinds, gateNames } from '../../model/gates/gate-kinds.ts'
import { parseGates } from '../../model/gates/gate-notation.ts'
import type { Gates } from '../../model/gates/gate-notation.ts'
import { phases, workloadLanes } from '../../model/load/lanes.ts'
import type { GateResult } from '../../model/result.ts'
import { getRecordedDir, readRecordedRun, recordedRuns } from '../../testing/recorded-runs.ts'
import { analyseRun } from '../verdict/analyse-run.ts'

async function judgeRecorded(name: string, gates: Gates): Promise<GateResult[]> {
  const { plan, planDigest, records, torn } = await readRecordedRun(getRecordedDir(name))
  const gated = { ...plan, configuration: { ...plan.configuration, gates: parseGates(gates) } }
  return (await analyseRun(gated, Object.assign(records, { torn }), planDigest)).gates
}
/** Each gate with a limit that a run without losses keeps. */
const every: Gates = {
  ...Object.fromEntries(gateNames.map((name) => [name, 0])),
  p50Ms: '<10s',
  p99Ms: '<10s',
  drainSeconds: '<60s',
}

test.each(recordedRuns)('gates of $name: each is decided by the evidence of its log', async ({ name, verdict }) => {
  const results = await judgeRecorded(name, every)
  expect(results.map(({ gate }) => gate.name)).toEqual(gateNames)
  const failed = results.filter(({ met }) => met !== true)
  if (verdict === 'passed') return expect(failed.map(({ says }) => says)).toEqual([])
  // It lost requests because no server listened while new connections came; latency, drain and duplicates are in order.
  expect(failed.map(({ gate, met }) => [gate.name, met])).toEqual(
    gateNames
      .filter((gate) => gateKinds[gate].limitsLosses || gate === 'marginMs' || gate === 'unattributed')
      .map((gate) => [gate, false]),
  )
})

test('gates of lanes and of phases: each request is of one of them', async () => {
  const total = await judgeRecorded('rollout-naive-local', { lost: 0 })
  const sum = async (keys: `lost{${string}}`[]): Promise<number> => {
    const results = await judgeRecorded('rollout-naive-local', {
      lost: { threshold: 0, warn: true },
      ...Object.fromEntries(keys.map((key) => [key, 0])),
    })
    return results.slice(1).reduce((all, { measured }) => all + measured!, 0)
  }
  expect(total[0]?.measured).toBeGreaterThan(0)
  expect(await sum(workloadLanes.map((lane) => `lost{lane:${lane}}` as const))).toBe(total[0]?.measured)
  expect(await sum(phases.map((phase) => `lost{phase:${phase}}` as const))).toBe(total[0]?.measured)
})
