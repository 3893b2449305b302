/** Gates of a run: the value that is compared with a limit, and the certainty that is needed before a gate is kept or failed. */
import { describe, expect, test } from 'vitest'
import { parseGates } from '../../model/gates/gate-notation.ts'
import type { Gates } from '../../model/gates/gate-notation.ts'
import type { Gate } from '../../model/gates/gates.ts'
import type { ClaimResult, Conclusion } from '../../model/claims.ts'
import type { PodMargin } from '../../model/figures/margin.ts'
import type { Loss } from '../../model/result.ts'
import { buildGatedRun } from '../../testing/samples/gated-run.ts'
import { buildSampleComparison, withDisturbance, withoutLoss } from '../../testing/samples/sample-analyses.ts'
import { judgeGates } from './judge-gates.ts'
import type { GatedRun } from './measures.ts'

const { runs } = buildSampleComparison()
const lossy = buildGatedRun(runs.find(({ plan }) => plan.configuration.name === 'naive')!.analysis, {
  computeLatency: () => ({ ...latency, p99Us: 250_000 }),
})
const { latency } = runs[0]!.analysis
const clean: GatedRun = {
  ...lossy,
  ...withoutLoss(runs[0]!.analysis),
}
const { lost, sent } = lossy.ledger

function judge(gates: Gates, run: GatedRun = lossy): (boolean | null)[] {
  return judgeGates(parseGates(gates), run).map(({ met }) => met)
}

/** With a single gate. */
function judgeOne(written: Gates, run: GatedRun): { met: boolean | null; says: string } {
  const gate = parseGates({ lost: 1e9, ...written }).find(({ name, limit }) => name !== 'lost' || limit !== 1e9)
  const [result] = judgeGates([gate!], run)
  return { met: result!.met, says: result!.says }
}
const without = (...voided: Conclusion[]): { voided: Conclusion[] } => ({ voided })
const breakClaim = (name: string, problem: string, ...conclusions: Conclusion[]): { claims: ClaimResult[] } => ({
  claims: [{ name, says: '', holds: false, figures: [], conclusions, disturbance: true, problems: [problem] }],
})

describe('losses', () => {
  test('are held against their number and their share', () => {
    expect(lost).toBeGreaterThan(10)
    expect([judge({ lost: 0 }), judge({ lost }), judge({ lost: `<${lost}` })]).toEqual([[false], [true], [false]])
    expect([judge({ lossRate: lost / sent }), judge({ lossRate: '<0.01%' })]).toEqual([[true], [false]])
    expect(judge({ lost: 0 }, clean)).toEqual([true])
  })

  test('that were seen fail a gate, and no other evidence is missing for it', () => {
    expect(judge({ lost: 0 }, { ...lossy, ...without('none-lost', 'how-many', 'how-late') })).toEqual([false])
    expect(judge({ lost }, { ...lossy, ...without('how-many') })).toEqual([null])
    expect(judge({ lost: 0 }, { ...lossy, ...without('some-lost') })).toEqual([null])
  })

  test('of a lane and a phase are those that were due in it', () => {
    const phase = lossy.phases.find((one) => one.phase === 'during')
    const isOf = ({ request }: Loss): boolean =>
      request.lane === 'fresh' && request.dueUs >= phase!.fromUs && request.dueUs < phase!.toUs
    const count = lossy.losses.filter(isOf).length
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(lost)
    const asked: Parameters<GatedRun['countSent']>[0][] = []
    const run: GatedRun = { ...lossy, countSent: (selection) => (asked.push(selection), count * 4) }
    expect(judgeOne({ 'lost{lane:fresh,phase:during}': count }, run).met).toBe(true)
    expect(judgeOne({ 'lost{lane:fresh,phase:during}': `<${count}` }, run).met).toBe(false)
    expect(judgeOne({ 'lossRate{lane:fresh,phase:during}': 0.25 }, run)).toEqual({
      met: true,
      says: 'gate lossRate{lane:fresh,phase:during} <= 25 %: it was 25 %',
    })
    expect(asked).toEqual([{ lane: 'fresh', span: phase }])
    expect(judgeOne({ 'lost{phase:during}': 0 }, { ...lossy, phases: [] }).says).toMatch(
      /there was nothing to measure$/,
    )
  })

  test('per rollout are those that the disruption may have lost, shared among the steps that disrupt', () => {
    let count = 0
    const run: GatedRun = { ...lossy, disruptions: 4, isCaused: () => ++count <= 6 }
    expect(judgeOne({ lostPerRollout: '<1.5' }, run).says).toBe('gate lostPerRollout < 1.5: it was 1.5')
    expect(judgeOne({ lostPerRollout: 0 }, clean).met).toBe(true)
  })

  test('of seconds: the worst of them, and in how many there were any', () => {
    const lossFigures = { ...lossy.lossFigures, secondsWithLosses: 3, worstSecond: { fromUs: 0, due: 200, lost: 18 } }
    const run: GatedRun = { ...lossy, lossFigures }
    expect([judgeOne({ worstSecondLost: 18 }, run).met, judgeOne({ worstSecondLost: '<18' }, run).met]).toEqual([
      true,
      false,
    ])
    expect(judgeOne({ secondsWithLosses: 2 }, run).says).toBe('gate secondsWithLosses <= 2: it was 3')
    expect([judgeOne({ worstSecondLost: 0 }, clean).met, judgeOne({ secondsWithLosses: 0 }, clean).met]).toEqual([
      true,
      true,
    ])
  })

  test('that are tied to no pod, which rests on whose the others are', () => {
    const losses = lossy.losses.map((loss, place) => ({
      ...loss,
      attributedBy: place < 3 ? null : ('response' as const),
      podless: place === 0 ? ('certain' as const) : null,
    }))
    const run: GatedRun = { ...lossy, losses }
    const nobodys = run.losses.map((loss) => (loss.attributedBy === null ? { ...loss, outcome: 'dns' as const } : loss))
    expect(judgeOne({ unattributed: 0 }, { ...run, losses: nobodys }).met).toBe(true)
    expect(judgeOne({ unattributed: 1 }, run).says).toBe('gate unattributed <= 1: it was 2')
    expect(judgeOne({ unattributed: 1 }, { ...run, ...without('whose') }).met).toBeNull()
    expect(judgeOne({ unattributed: 0 }, { ...clean, ...without('whose') }).met).toBe(true)
  })
})

describe('latency', () => {
  test('is held against the requests that were due while pods were replaced', () => {
    expect(judge({ lost, p99Ms: 250 })).toEqual([true, true])
    expect(judge({ lost, p99Ms: '<250ms' })).toEqual([true, false])
    expect(judge({ lost, p99Ms: 250 }, { ...lossy, computeLatency: () => ({ ...latency, p99Us: null }) })).toEqual([
      true,
      null,
    ])
  })

  test('of a lane and a phase is asked for as such', () => {
    const asked: Parameters<GatedRun['computeLatency']>[0][] = []
    const run: GatedRun = {
      ...lossy,
      computeLatency: (selection) => (asked.push(selection), { ...latency, p50Us: 1_000 }),
    }
    expect(judgeOne({ 'p50Ms{lane:reused}': '<1ms' }, run).says).toBe('gate p50Ms{lane:reused} < 1 ms: it was 1 ms')
    expect(judgeOne({ 'p50Ms{phase:after}': 1 }, run).met).toBe(true)
    const [, during, after] = run.phases
    expect(asked).toEqual([{ lane: 'reused', span: during }, { span: after }])
  })
})

describe('margin', () => {
  const createMargin = (pod: string, fresh: Partial<NonNullable<PodMargin['fresh']>> | null): PodMargin => ({
    pod,
    deletionUs: 0,
    kept: null,
    upstream: null,
    endedBy: null,
    fresh: fresh && {
      connectingUs: 0,
      source: 'kernel',
      atLeast: false,
      answeringUs: 0,
      marginUs: 900_000,
      errorUs: 10_000,
      ...fresh,
    },
  })
  const judgeMargins = (limit: number, ...margins: PodMargin[]): { met: boolean | null; says: string } =>
    judgeOne({ marginMs: limit }, { ...lossy, margins })

  test('the least of all pods counts', () => {
    const margins = [createMargin('a', {}), createMargin('b', { marginUs: -950_000 })]
    expect(judgeMargins(0, ...margins)).toEqual({ met: false, says: 'gate marginMs >= 0 ms: it was -950 ms' })
    expect(judgeMargins(500, margins[0]!).met).toBe(true)
  })

  test('within its error of the limit it is neither', () => {
    expect([880, 895, 905, 920].map((limit) => judgeMargins(limit, createMargin('a', {})).met)).toEqual([
      true,
      null,
      null,
      false,
    ])
    expect(judgeMargins(895, createMargin('a', {})).says).toBe(
      'gate marginMs >= 895 ms cannot be judged: the least margin, of a, is known to 10 ms',
    )
  })

  test('is at most what is known where more connections may have come, and at least where the pod may have answered longer', () => {
    const open = createMargin('a', { atLeast: true })
    expect([judgeMargins(500, open).met, judgeMargins(1_000, open).met]).toEqual([null, false])
    const longer = createMargin('a', { answeringAtLeast: true })
    expect([judgeMargins(500, longer).met, judgeMargins(1_000, longer).met]).toEqual([true, null])
  })

  test('a pod of which it is not known leaves the gate open, unless another fails it', () => {
    expect(judgeMargins(500, createMargin('a', {}), createMargin('b', null)).says).toMatch(
      /of b it is not known until when/,
    )
    expect(judgeMargins(1_000, createMargin('a', {}), createMargin('b', null)).met).toBe(false)
    expect(judgeMargins(0).says).toBe('gate marginMs >= 0 ms cannot be judged: no pod left')
    expect(
      judgeOne({ marginMs: 0 }, { ...lossy, margins: [createMargin('a', {})], ...without('whose') }).met,
    ).toBeNull()
  })
})

describe('drain', () => {
  const during = lossy.phases.find(({ phase }) => phase === 'during')!
  const createPod = (pod: string, deletedS: number, tookS: number | null): GatedRun['pods'][number] => {
    const deletionUs = during.fromUs + deletedS * 1_000_000
    return { ...lossy.pods[0]!, pod, deletionUs, goneUs: tookS === null ? null : deletionUs + tookS * 1_000_000 }
  }

  test('the pod that took longest counts, of those deleted since the disruption began', () => {
    const run: GatedRun = { ...lossy, pods: [createPod('a', 0, 5), createPod('b', 2, 7.25), createPod('c', -1, 60)] }
    expect(judgeOne({ drainSeconds: '<=7' }, run).says).toBe('gate drainSeconds <= 7 s: it was 7.25 s')
    expect(judgeOne({ drainSeconds: 8 }, run).met).toBe(true)
  })

  test('rests on the watches, and on every pod having been seen to go', () => {
    const run: GatedRun = { ...lossy, pods: [createPod('a', 0, 5), createPod('b', 0, null)] }
    expect(judgeOne({ drainSeconds: 8 }, run).says).toMatch(/cannot be judged: b was not seen to go$/)
    expect(judgeOne({ drainSeconds: 4 }, run)).toEqual({
      met: false,
      says: 'gate drainSeconds <= 4 s: it was at least 5 s',
    })
    const gap = breakClaim('watches-whole', 'a watch had a gap', 'none-lost', 'whose')
    expect(judgeOne({ drainSeconds: 4 }, { ...run, ...gap }).says).toMatch(/cannot be judged: a watch had a gap$/)
    expect(judgeOne({ drainSeconds: 4 }, { ...lossy, pods: [] }).says).toMatch(/no pod was deleted$/)
  })
})

describe('duplicates', () => {
  const servers = {
    ...lossy.servers!,
    repeated: 2,
    logs: lossy.servers!.logs.map((log) => ({ ...log, complete: true })),
  }

  test('seen twice is seen twice, also where there is no verdict', () => {
    const odd = {
      ...clean,
      ...withDisturbance('sent again', runs[0]!.analysis),
      ...breakClaim('servers-agree', 'x', 'none-lost'),
    }
    expect(judgeOne({ duplicates: 1 }, { ...odd, servers }).says).toBe('gate duplicates <= 1: it was 2')
  })

  test('that none was rests on every log having been read to its end', () => {
    expect(judgeOne({ duplicates: 2 }, { ...lossy, servers }).met).toBe(true)
    const [first, ...others] = servers.logs
    const logs = [{ ...first!, pod: 'web-1', complete: false }, ...others]
    expect(judgeOne({ duplicates: 2 }, { ...lossy, servers: { ...servers, logs } }).says).toMatch(
      /cannot be judged: the log of web-1 was not read to its end$/,
    )
    expect(judgeOne({ duplicates: 0 }, { ...lossy, servers: null }).met).toBeNull()
  })
})

describe('any gate', () => {
  test('is not kept by a run that shows nothing', () => {
    const disturbed: GatedRun = {
      ...clean,
      ...withDisturbance('nothing was disrupted', runs[0]!.analysis),
      ...without('none-lost'),
    }
    expect(judge({ lost: 0, p99Ms: '<1s', drainSeconds: 1000 }, disturbed)).toEqual([null, null, null])
    expect(judge({ p99Ms: '<1s' }, { ...clean, ...without('how-late') })).toEqual([true, null])
  })

  test('says what it was held against, and what is missing', () => {
    const results = judgeGates(parseGates({ lost: 0, p99Ms: { threshold: '<100ms', warn: true } }), lossy)
    expect(results.map(({ says }) => says)).toEqual([
      `gate lost <= 0: it was ${lost}`,
      'warning gate p99Ms < 100 ms: it was 250 ms',
    ])
    const [some] = judgeGates(parseGates({ lost: 0 }), { ...lossy, ...without('how-many') })
    expect(some?.says).toBe(`gate lost <= 0: it was at least ${lost}`)
    const late = breakClaim('driver-kept-up', 'the driver was late', 'none-lost')
    const [open] = judgeGates(parseGates({ lost: 0 }), { ...clean, ...late, ...without('none-lost') })
    expect(open?.says).toBe('gate lost <= 0 cannot be judged: the driver was late')
  })
})

test('gates of before lanes, phases and warnings are judged as they were', () => {
  const old: Gate[] = [
    { name: 'lost', operator: '<=', limit: lost },
    { name: 'p99Ms', operator: '<', limit: 250 },
  ]
  expect(judgeGates(old, lossy).map(({ met }) => met)).toEqual([true, false])
})
