import { describe, expect, test } from 'vitest'
import { parseGates } from '../../model/gates/gates.ts'
import type { Gate, Gates } from '../../model/gates/gates.ts'
import type { Conclusion } from '../../model/claims.ts'
import type { Analysis } from '../../model/result.ts'
import { buildSampleComparison, withDisturbance, withoutLoss } from '../../testing/samples/sample-analyses.ts'
import { compareConfigurations } from '../verdict/compare-configurations.ts'
import { judgeGates } from './judge-gates.ts'
import type { GatedRun } from './judge-gates.ts'

const { runs } = buildSampleComparison()
const lossy = runs.find(({ plan }) => plan.configuration.name === 'naive')!.analysis
const clean = { ...lossy, ...withoutLoss(lossy) }
const { lost, sent } = lossy.ledger
const during = { ...lossy.latency, p99Us: 250_000 }

function judge(gates: Gates, run: Partial<GatedRun> & Analysis = lossy): (boolean | null)[] {
  return judgeGates(parseGates(gates), { during, ...run }).map(({ met }) => met)
}
const without = (...voided: Conclusion[]): { voided: Conclusion[] } => ({ voided })

describe('gates of a run', () => {
  test('lost requests are held against their number and their share', () => {
    expect(lost).toBeGreaterThan(10)
    expect([judge({ lost: 0 }), judge({ lost }), judge({ lost: `<${lost}` })]).toEqual([[false], [true], [false]])
    expect([judge({ lossRate: lost / sent }), judge({ lossRate: '<0.01%' })]).toEqual([[true], [false]])
    expect(judge({ lost: 0 }, clean)).toEqual([true])
  })

  test('latency is held against the requests of the disruption', () => {
    expect(judge({ lost, p99Ms: 250 })).toEqual([true, true])
    expect(judge({ lost, p99Ms: '<250ms' })).toEqual([true, false])
    expect(judge({ lost, p99Ms: 250 }, { ...lossy, during: { ...during, p99Us: null } })).toEqual([true, null])
  })

  test('a loss that was seen fails its gate, and no other evidence is missing for it', () => {
    expect(judge({ lost: 0 }, { ...lossy, ...without('none-lost', 'how-many', 'how-late') })).toEqual([false])
    expect(judge({ lost }, { ...lossy, ...without('how-many') })).toEqual([null])
    expect(judge({ lost: 0 }, { ...lossy, ...without('some-lost') })).toEqual([null])
  })

  test('nothing is kept by a run that shows nothing', () => {
    const disturbed = { ...clean, ...withDisturbance('nothing was disrupted', clean), ...without('none-lost') }
    expect(judge({ lost: 0, p99Ms: '<1s' }, disturbed)).toEqual([null, null])
    expect(judge({ p99Ms: '<1s' }, { ...clean, ...without('how-late') })).toEqual([true, null])
  })

  test('a gate says what it was held against, and what is missing', () => {
    const claim = { ...claimLike, complaints: ['the driver was late'] }
    const results = judgeGates(parseGates({ lost: 0, p99Ms: '<100ms' }), { ...lossy, during })
    expect(results.map(({ says }) => says)).toEqual([
      `gate lost <= 0: it was ${lost}`,
      'gate p99Ms < 100 ms: it was 250 ms',
    ])
    const [some] = judgeGates(parseGates({ lost: 0 }), { ...lossy, during, ...without('how-many') })
    expect(some?.says).toBe(`gate lost <= 0: it was at least ${lost}`)
    const [open] = judgeGates(parseGates({ lost: 0 }), { ...clean, during, claims: [claim], ...without('none-lost') })
    expect(open?.says).toBe('gate lost <= 0 cannot be judged: the driver was late')
  })
})

const claimLike = {
  name: 'driver-kept-up',
  says: 'the driver kept up',
  holds: false,
  figures: [],
  conclusions: ['none-lost' as const],
  disturbance: true,
}

describe('gates of a row', () => {
  const gates = parseGates({ lost: 0, p99Ms: '<300ms' })
  const buildRow = (...analyses: Analysis[]): { held: boolean | null; because: string[] } =>
    buildRowOf(gates, ...analyses)
  function buildRowOf(gates: Gate[], ...analyses: Analysis[]): { held: boolean | null; because: string[] } {
    const { plan } = runs[0]!
    const configuration = { ...plan.configuration, expects: 'loses' as const, gates }
    const rounds = analyses.map((analysis, index) => ({
      plan: { ...plan, configuration, round: index + 1, runId: `r${index}` },
      analysis: { ...analysis, runId: `r${index}`, gates: judgeGates(gates, { during, ...analysis }) },
    }))
    const { held, because } = compareConfigurations(rounds)[0]!.result
    return { held, because }
  }

  test('they decide in place of the hypothesis', () => {
    expect(buildRow(lossy)).toMatchObject({
      held: false,
      because: [expect.anything(), `gate lost <= 0: it was ${lost}`],
    })
    expect(buildRow(clean)).toMatchObject({ held: true })
  })

  test('one that fails in a round has failed, and all are kept in every round or the row is open', () => {
    expect(buildRow(clean, clean, lossy).held).toBe(false)
    expect(buildRow(clean, clean, clean).held).toBe(true)
    expect(buildRow(clean, clean, { ...clean, ...without('how-late') }).held).toBeNull()
  })

  test('a row without a round that was judged is open', () => {
    expect(buildRow({ ...clean, ...withDisturbance('late', clean), ...without('none-lost') }).held).toBeNull()
  })

  test('kept with losses, in too few rounds: a loss proves a verdict, and no gate of the rounds that are missing', () => {
    const lenient = parseGates({ lost })
    const never: Analysis = {
      ...clean,
      ...withDisturbance('the run did not happen', clean),
      ...without('none-lost'),
      ending: 'never-began',
    }
    expect(buildRowOf(lenient, lossy, lossy, lossy).held).toBe(true)
    expect(buildRowOf(lenient, lossy, lossy, never)).toMatchObject({
      held: null,
      because: [expect.anything(), 'round 3: the run did not happen'],
    })
    const late = { ...clean, ...withDisturbance('late', clean), ...without('none-lost') }
    expect(buildRowOf(lenient, lossy, late, late, late)).toMatchObject({
      held: null,
      because: [expect.anything(), '1 of 4 rounds could be judged, 3 are needed'],
    })
  })
})
