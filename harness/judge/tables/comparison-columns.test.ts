/** The columns of a comparison: one value for programs and one text for people, which never contradict each other. */
import { describe, expect, test } from 'vitest'
import type { ComparisonRow } from '../../model/comparison.ts'
import { buildSampleComparison, changeComparison, withDisturbance } from '../../testing/samples/sample-analyses.ts'
import { comparisonColumns, listColumns, toJsonRow } from './comparison-columns.ts'
import { explainLatency } from './explanations.ts'

const sample = buildSampleComparison(3)
const [naive] = sample.rows
const [disturbed] = changeComparison(sample, (run) => withDisturbance('late', run)).rows
const unjudged = { ...disturbed!, waited: 5, longestWaitUs: 900_000 }
const column = (key: string) => comparisonColumns.find((one) => one.key === key)!
const read = (key: string, change: Partial<ComparisonRow> = {}): unknown[] => {
  const row = { ...naive!, ...change }
  const { value, text, notes } = column(key)
  return [value(row), text(row), ...(notes?.(row) ?? [])]
}

describe('views', () => {
  const listKeys = (view: Parameters<typeof listColumns>[0], rows: readonly ComparisonRow[]): string[] =>
    listColumns(view, rows).map(({ key }) => key)

  test('scenario and cluster are columns only where rows differ in them', () => {
    expect(listKeys('terminal', sample.rows)).not.toContain('cluster')
    const both = [naive!, { ...naive!, cluster: 'kind' as const }]
    expect(listKeys('terminal', both)).toContain('cluster')
    expect(listKeys('terminal', both)).not.toContain('scenario')
    // The page shows it beside the configuration's name.
    expect(listKeys('page', both)).not.toContain('cluster')
  })

  test('what a view leaves out the others have, unless it is for programs alone', () => {
    for (const { key } of comparisonColumns.filter(({ views }) => views?.length !== 0)) {
      const mixed = [naive!, { ...naive!, cluster: 'kind' as const, scenario: 'eviction' }]
      expect((['page', 'markdown', 'terminal'] as const).some((view) => listKeys(view, mixed).includes(key))).toBe(true)
    }
  })

  test('no two columns have one key, and each says what it means in a sentence', () => {
    expect(new Set(comparisonColumns.map(({ key }) => key)).size).toBe(comparisonColumns.length)
    for (const { meaning } of comparisonColumns) expect(meaning).toMatch(/^[A-Zp0-9].*\.$/)
  })
})

describe('gates', () => {
  const gates = [{ name: 'lost', operator: '<=', limit: 0 } as const]
  const gated = { ...naive!, gates, result: { ...naive!.result, held: false } }
  const findHeld = (rows: readonly ComparisonRow[]): string | undefined =>
    listColumns('page', rows).find(({ key }) => key === 'held')?.heading

  test('where they alone decide the heading says so, and no other has the word of what was expected', () => {
    expect([findHeld([naive!]), findHeld([gated]), findHeld([naive!, gated])]).toEqual(['Held', 'Gates', 'Held'])
    expect(read('held', gated)).toEqual([false, 'not kept'])
    expect(read('held', { gates, result: { ...gated.result, held: true } })).toEqual([true, 'kept'])
    expect(read('expects', { gates })).toEqual(['loses', 'lost <= 0'])
    expect(read('expects', { gates: [{ ...gates[0]!, warn: true }], expects: null })).toEqual([null, 'nothing'])
  })
})

describe('figures', () => {
  test('a loss as count, share and kinds, the most frequent first', () => {
    const outcomes: ComparisonRow['outcomes'] = [
      { outcome: 'refused', count: 1_200 },
      { outcome: 'tls', count: 34 },
    ]
    expect(read('lost', { lost: 1_234 })).toEqual([1_234, '1,234'])
    expect(read('lostShare', { lost: 1_234, sent: 61_700 })).toEqual([0.02, '2 %'])
    expect(read('outcomes', { outcomes })).toEqual([{ refused: 1_200, tls: 34 }, '1,200 refused, 34 tls'])
  })

  test('no loss is "none", and a share of nothing is no figure', () => {
    expect(read('outcomes', { outcomes: [] })).toEqual([{}, 'none'])
    expect(read('lostShare', { lost: 0, sent: 0 })).toEqual([null, '–'])
    const none = { secondsWithLosses: null, worstSecond: null, lostInSpan: 0, dueInSpan: 0 }
    expect(read('lostInSpanShare', { lossFigures: none })).toEqual([null, '–'])
    expect(read('worstSecond', { lossFigures: none, waited: 0 })).toEqual([null, 'none'])
  })

  test('what other tools would have told is for programs', () => {
    const tools = naive!.tools.filter(({ tool }) => tool === 'k6').map((report) => ({ ...report, errors: 1_074 }))
    expect(read('toldByTools', { tools })).toEqual([{ k6: 1_074 }, 'k6 1,074'])
    for (const view of ['page', 'markdown', 'terminal'] as const) {
      expect(listColumns(view, [naive!]).map(({ key }) => key)).not.toContain('toldByTools')
    }
  })

  test('requests: of how many rounds, and of how many that count', () => {
    expect(read('sent', { sent: 60_000, judged: 3 })).toEqual([60_000, '60,000', 'in 3 rounds'])
    expect(read('sent', { sent: 40_000, judged: 2 })).toEqual([40_000, '40,000', 'in 2 of 3 rounds'])
    expect(read('sent', { sent: 5, judged: 1, rounds: naive!.rounds.slice(0, 1) })).toEqual([5, '5'])
  })

  test('the worst second, in how many requests were lost, and how long others waited', () => {
    const lossFigures: ComparisonRow['lossFigures'] = {
      secondsWithLosses: { median: 2, min: 1, max: 3, rounds: 3 },
      worstSecond: { fromUs: 4_000_000, due: 200, lost: 18 },
      lostInSpan: 30,
      dueInSpan: 1_000,
    }
    const waits = { waited: 3, longestWaitUs: 2_000_000 }
    expect(read('worstSecond', { lossFigures, ...waits })).toEqual([
      { lost: 18, due: 200 },
      '18 of 200',
      '2 (1–3) seconds with losses',
      '3 waited up to 2 s',
    ])
    expect(read('secondsWithLosses', { lossFigures })).toEqual([2, '2 (1–3)'])
    expect(read('lostInSpanShare', { lossFigures })).toEqual([0.03, '3 %'])
  })

  test('lost per disruption: median and range, under the name of the disruption', () => {
    const figure = { median: 30, min: 18, max: 41, rounds: 3 }
    expect(read('lostPerDisruption', { lostPerDisruption: figure })).toEqual([30, '30 (18–41)'])
    expect(read('lostPerDisruption', { lostPerDisruption: { ...figure, min: 30, max: 30 } })).toEqual([30, '30'])
    const findHeading = (...nouns: string[]): string | undefined =>
      listColumns(
        'page',
        nouns.map((noun) => ({ ...naive!, noun })),
      ).find(({ key }) => key === 'lostPerDisruption')?.heading
    expect(findHeading('rollout', 'rollout')).toBe('Lost per rollout')
    expect(findHeading('rollout', 'eviction')).toBe('Lost per disruption')
  })

  test('margin: in words, and of the tightest pod in µs', () => {
    expect(read('margin')).toEqual([naive!.margin!.tightest.fresh.marginUs, naive!.marginText])
    expect(read('margin', { margin: null, marginText: null })).toEqual([null, '–'])
  })
})

test('rounds without a verdict give no figure of the configuration', () => {
  expect(unjudged.judged).toBe(0)
  for (const key of ['sent', 'lost', 'lostPerDisruption', 'toldByTools', 'worstSecond', 'margin']) {
    const { value, text, notes } = column(key)
    expect([value(unjudged), text(unjudged)]).toEqual([null, '–'])
    if (key !== 'sent') expect(notes?.(unjudged) ?? []).toEqual([])
  }
  expect(column('outcomes').text(unjudged)).toBe('–')
  expect(column('held').text(unjudged)).toBe('undecided')
})

test('json: every column by its key, as its value', () => {
  const json = toJsonRow(naive!)
  expect(Object.keys(json)).toEqual(comparisonColumns.map(({ key }) => key))
  expect(json).toMatchObject({
    configuration: 'naive',
    expects: 'loses',
    lost: naive!.lost,
    held: true,
    verdict: 'failed',
  })
  expect(JSON.parse(JSON.stringify(json))).toEqual(json)
})

test('latency: one closed loop in a comparison, and its latencies are not those of an open one', () => {
  expect(explainLatency([{ loop: 'open' }, { loop: 'open' }])).toMatch(/the instant a request was due/)
  expect(explainLatency([{ loop: 'open' }, { loop: 'closed' }])).toMatch(/closed loop.*must not be compared/)
})
