/** Gates of a row: over rounds they decide whether it held, and with it the exit code. */
import { describe, expect, test } from 'vitest'
import type { Conclusion } from '../../model/claims.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { parseGates } from '../../model/gates/gate-notation.ts'
import type { Gate } from '../../model/gates/gates.ts'
import type { Expectation } from '../../model/plan.ts'
import type { Analysis } from '../../model/result.ts'
import { buildGatedRun } from '../../testing/samples/gated-run.ts'
import { buildSampleComparison, withDisturbance, withoutLoss } from '../../testing/samples/sample-analyses.ts'
import { compareConfigurations } from '../verdict/compare-configurations.ts'
import { judgeGates } from './judge-gates.ts'
import { markHeld, concludeRows, markRow } from './row-mark.ts'

const { plan, analysis: lossy } = buildSampleComparison().runs[0]!
const clean = { ...lossy, ...withoutLoss(lossy) }
const { lost } = lossy.ledger
const without = (...voided: Conclusion[]): { voided: Conclusion[] } => ({ voided })
const late: Analysis = { ...clean, ...withDisturbance('late', clean), ...without('none-lost') }
const never: Analysis = {
  ...clean,
  ...withDisturbance('the run did not happen', clean),
  ...without('none-lost'),
  ending: 'never-began',
}

interface Asked {
  gates?: Gate[]
  expects?: Expectation
}

/** A row whose rounds had these results; their p99 is 250 ms by default. */
function buildRow({ gates, expects }: Asked, ...analyses: (Analysis & { p99Us?: number })[]): ComparisonRow {
  const rounds = analyses.map(({ p99Us = 250_000, ...analysis }, index) => ({
    plan: {
      ...plan,
      configuration: { name: 'mine', hypothesis: '', ...(gates && { gates }), ...(expects && { expects }) },
      round: index + 1,
      runId: `r${index}`,
    },
    analysis: {
      ...analysis,
      runId: `r${index}`,
      gates: judgeGates(
        gates ?? (expects ? [] : parseGates({})),
        buildGatedRun(analysis, { computeLatency: () => ({ ...analysis.latency, p99Us }) }),
      ),
    },
  }))
  return compareConfigurations(rounds)[0]!
}

const gates = parseGates({ lost: 0, p99Ms: '<300ms' })

describe('gates of a row', () => {
  test('they decide in place of what is expected', () => {
    expect(buildRow({ gates, expects: 'loses' }, lossy).result).toMatchObject({
      held: false,
      because: [expect.anything(), `gate lost <= 0: it was ${lost}`],
    })
    expect(buildRow({ gates, expects: 'loses' }, clean).result).toMatchObject({ held: true })
  })

  test('without gates and without an expectation no request may be lost', () => {
    expect(buildRow({}, clean)).toMatchObject({ expects: null, gates: parseGates({}), result: { held: true } })
    expect(buildRow({}, clean, lossy).result.held).toBe(false)
    expect(buildRow({}, late).result.held).toBeNull()
  })

  test('one that fails in a round has failed, and all are kept in every round or the row is open', () => {
    expect(buildRow({ gates }, clean, clean, lossy).result.held).toBe(false)
    expect(buildRow({ gates }, clean, clean, clean).result.held).toBe(true)
    expect(buildRow({ gates }, clean, clean, { ...clean, ...without('how-late') }).result.held).toBeNull()
  })

  test('one that fails in several rounds is told once, by the worst of them', () => {
    const slow = (ms: number): Analysis & { p99Us: number } => ({ ...clean, p99Us: ms * 1000 })
    expect(buildRow({ gates }, slow(310), slow(420), slow(100), slow(350)).result.because.slice(1)).toEqual([
      'gate p99Ms < 300 ms: it was 420 ms, the worst of 3 rounds that failed it',
    ])
  })

  test('one that fails by its own evidence has failed, also in a round without a verdict', () => {
    expect(buildRow({ gates }, { ...late, p99Us: 310_000 }).result.held).toBe(false)
    expect(buildRow({ gates }, { ...late, ...without('none-lost', 'how-late'), p99Us: 310_000 }).result.held).toBeNull()
  })

  test('a row without a round that was judged is open', () => {
    expect(buildRow({ gates }, late).result.held).toBeNull()
  })

  test('one that only warns decides nothing, and is told', () => {
    const lenient = parseGates({ lost: { threshold: 0, warn: true }, p99Ms: { threshold: '<300ms', warn: true } })
    expect(buildRow({ gates: lenient }, lossy, { ...lossy, ...without('how-late') }).result).toMatchObject({
      held: true,
      warnings: [
        `warning gate lost <= 0: it was ${lost}, the worst of 2 rounds that failed it`,
        'warning gate p99Ms < 300 ms cannot be judged: the evidence for it is missing',
      ],
    })
    expect(buildRow({ gates: lenient }, clean).result.warnings).toBeUndefined()
    expect(buildRow({ gates: lenient }, late).result.held).toBeNull()
  })

  test('kept with losses, in too few rounds: a loss proves a verdict, and no gate of the rounds that are missing', () => {
    const lenient = parseGates({ lost })
    expect(buildRow({ gates: lenient }, lossy, lossy, lossy).result.held).toBe(true)
    expect(buildRow({ gates: lenient }, lossy, lossy, never).result).toMatchObject({
      held: null,
      because: [expect.anything(), 'round 3: the run did not happen'],
    })
    expect(buildRow({ gates: lenient }, lossy, late, late, late).result).toMatchObject({
      held: null,
      because: [expect.anything(), '1 of 4 rounds could be judged, 3 are needed'],
    })
  })
})

describe('marks', () => {
  test('colour and sign say whether requests were lost, whatever was expected or allowed', () => {
    const mark = (asked: Asked, analysis: Analysis): unknown[] => {
      const { tone, sign, words, held } = markRow(buildRow(asked, analysis))
      return [tone, sign, words, held.words]
    }
    expect(mark({ expects: 'loses' }, lossy)).toEqual(['lossy', '✗', 'lost', 'as expected'])
    expect(mark({ expects: 'loses' }, clean)).toEqual(['clean', '✓', 'none lost', 'not as expected'])
    expect(mark({ gates: parseGates({ lost }) }, lossy)).toEqual(['lossy', '✗', 'lost', 'kept'])
    expect(mark({ gates: parseGates({ p99Ms: '<1ms' }) }, clean)).toEqual(['clean', '✓', 'none lost', 'not kept'])
    expect(mark({}, late)).toEqual(['open', '?', 'unknown', 'undecided'])
  })

  test('what a comparison comes to: a failure outweighs what is undecided, and that what held', () => {
    const [kept, failed, open] = [buildRow({}, clean), buildRow({}, lossy), buildRow({}, late)]
    expect([[kept], [kept, open], [open, failed, kept], []].map(concludeRows)).toEqual([
      'held',
      'undecided',
      'failed',
      'undecided',
    ])
    // A loss is proved, and allowed; but one of the rounds is missing.
    expect(concludeRows([buildRow({ expects: 'loses' }, lossy, never)])).toBe('undecided')
  })

  test('a decision has words, and a result that alone makes the exit code', () => {
    expect(markHeld(true, 'gates')).toEqual({ by: 'gates', result: 'held', words: 'kept' })
    expect(markHeld(null, 'expectation')).toEqual({ by: 'expectation', result: 'undecided', words: 'undecided' })
  })
})
