import { PassThrough } from 'node:stream'
import { WriteStream } from 'node:tty'
import { expect, test, vi } from 'vitest'
import type { ComparisonRow } from '../model/comparison.ts'
import { formatComparison } from './table.ts'
import { renderLine, StyledText } from './text.ts'

const createRow = (more: Partial<ComparisonRow>): ComparisonRow => ({
  scenario: 'rollout',
  configuration: 'naive',
  cluster: 'local',
  expects: 'loses',
  rounds: [{ round: 1, runIds: ['r'], runId: 'r', state: 'judged', verdict: 'failed', sent: 4267, lost: 60 }],
  judged: 1,
  roundsWithLoss: 1,
  sent: 4267,
  lost: 60,
  noun: 'rollout',
  lostPerDisruption: { median: 60, min: 60, max: 60, rounds: 1 },
  lossFigures: {
    secondsWithLosses: { median: 2, min: 2, max: 2, rounds: 1 },
    worstSecond: { fromUs: 0, due: 200, lost: 18 },
    lostInSpan: 60,
    dueInSpan: 1_200,
  },
  margin: null,
  marginText: 'nobody listened for 0.95 s',
  cause: ['nginx stops listening.'],
  outcomes: [
    { outcome: 'refused', count: 37 },
    { outcome: 'closed-before-response', count: 23 },
  ],
  tools: [],
  retriedBy: {},
  lanes: [],
  loop: 'open',
  p50Us: 101_000,
  p99Us: 1_106_000,
  longestOutageUs: 25_000,
  waited: 0,
  longestWaitUs: 0,
  result: { verdict: 'failed', held: true, missing: 0, because: [] },
  account: null,
  sentence: 'A sentence.',
  ...more,
})
const stream = new PassThrough()
const renderComparison = (rows: ComparisonRow[], to: PassThrough & { columns?: number }): string[] =>
  formatComparison(rows, to).map((line) => renderLine(line, to))
const unknown: ComparisonRow['result'] = { verdict: 'unknown', held: null, missing: 0, because: [] }

test('row: sent, lost, how long it took, and whether it did as expected', () => {
  const [head, line, , sentence] = renderComparison([createRow({})], stream)
  expect(head?.trim().split(/ {2,}/)).toEqual(
    'configuration,expected,sent,lost,lost per rollout,share,p50,p99,worst second,margin,held,kinds of loss'.split(','),
  )
  expect(line?.split(/ {2,}/)).toEqual(
    '✗ naive|to lose|4,267|60|60|5 %|101 ms|1.11 s|18 of 200|nobody listened for 0.95 s|as expected|37 refused, 23 closed-before-response'.split(
      '|',
    ),
  )
  expect(sentence).toBe('naive: A sentence.')
})

test('sentences: what could not be concluded stands below', () => {
  const because = ['at least 60 of 4,267 requests were lost', 'not concluded: latencies, as the driver was late']
  const failed: ComparisonRow['result'] = { verdict: 'failed', held: true, missing: 0, because }
  expect(renderComparison([createRow({ result: failed })], stream).slice(3)).toEqual([
    'naive: A sentence.',
    '  nginx stops listening.',
    '  not concluded: latencies, as the driver was late',
  ])
})

test.each([60, 80, 120])('terminal of %i columns: nothing is wider, and what matters most is shown', (columns) => {
  const narrow = Object.assign(new PassThrough(), { columns })
  const sentence = `${'requests were lost, '.repeat(10)}and a word`
  const lines = renderComparison([createRow({ sentence }), createRow({ configuration: 'graceful' })], narrow)
  expect(lines.filter((line) => line.length >= columns)).toEqual([])
  expect(lines[0]).toMatch(/^ {2}configuration .*lost per rollout/)
  expect(lines[1]).toMatch(/^✗ naive .* 60 /)
  expect(lines.filter((line) => line.includes('nobody listened for 0.95 s'))).toHaveLength(2)
  expect(lines.slice(4).join(' ').replaceAll(/\s+/g, ' ')).toContain(`naive: ${sentence}`)
})

test('colour and mark say whether requests were lost, whatever was expected', () => {
  const colourful = Object.assign(new PassThrough(), { isTTY: true, hasColors: () => true, getColorDepth: () => 8 })
  vi.stubEnv('NO_COLOR', undefined)
  vi.stubEnv('FORCE_COLOR', '1')
  const verdicts = { failed: '31', passed: '32', unknown: '33' } as const
  for (const [verdict, code] of Object.entries(verdicts)) {
    for (const held of [true, false, null]) {
      const result = { ...unknown, verdict, held } as ComparisonRow['result']
      const line = renderComparison([createRow({ result })], colourful)[1] ?? ''
      // For the mark and the line; 39 ends each.
      expect(
        line
          .split('\u001B[')
          .map((part) => part.slice(0, 2))
          .filter((part) => /3[0-8]/.test(part)),
      ).toEqual([code, code])
    }
  }
  vi.stubEnv('FORCE_COLOR', undefined)
  vi.stubEnv('NO_COLOR', '1')
  // With colours like a terminal's stream.
  const asTerminal = Object.assign(colourful, { getColorDepth: () => WriteStream.prototype.getColorDepth() })
  expect(renderComparison([createRow({})], asTerminal)[1]).not.toContain('\u001B')
  vi.unstubAllEnvs()
})

test('a closed loop is named', () => {
  expect(renderComparison([createRow({ loop: 'closed' })], stream).at(-1)).toContain('closed loop')
})

test('several scenarios: a column says which', () => {
  const lines = renderComparison([createRow({}), createRow({ scenario: 'eviction', result: unknown })], stream)
  expect(lines[1]).toMatch(/^✗ rollout +naive /)
  expect(lines[2]).toMatch(/^\? eviction +naive .* undecided /)
})

test('colour: whether requests were lost, whatever was expected or allowed', () => {
  const createResult = (verdict: 'passed' | 'failed', held: boolean): ComparisonRow['result'] => ({
    verdict,
    held,
    missing: 0,
    because: [],
  })
  const gates: ComparisonRow['gates'] = [{ name: 'lost', operator: '<=', limit: 100 }]
  const rows = [
    createRow({ result: createResult('failed', true) }),
    createRow({ result: createResult('failed', true), gates }),
    createRow({ result: createResult('passed', false) }),
    createRow({ result: unknown }),
  ]
  const parts = formatComparison(rows, {}).map((line) => [line].flat().at(-1))
  const styles = parts.map((part) => (part instanceof StyledText ? part.style : null))
  expect(styles.slice(0, 5)).toEqual(['bold', 'red', 'red', 'green', 'yellow'])
})

test('warnings: a gate that only warns is told below its row', () => {
  const warnings = ['warning gate p99Ms < 250 ms: it was 310 ms']
  const row = createRow({ result: { verdict: 'passed', held: true, missing: 0, because: [], warnings } })
  expect(renderComparison([row], stream)).toContain('  warning gate p99Ms < 250 ms: it was 310 ms')
})

test('held: what was expected and did not come is said so', () => {
  expect(
    renderComparison([createRow({ result: { verdict: 'passed', held: false, missing: 0, because: [] } })], stream)[1],
  ).toContain(' not as expected ')
})

const unmeasured: Partial<ComparisonRow> = {
  lostPerDisruption: null,
  lossFigures: { secondsWithLosses: null, worstSecond: null, lostInSpan: 0, dueInSpan: 0 },
  marginText: null,
  p50Us: null,
  p99Us: null,
}

test('no round judged: no figures, and what became of the rounds', () => {
  const account = '0 of 2 rounds judged; left out: rounds 1, 2 (driver overloaded)'
  const lines = renderComparison([createRow({ ...unmeasured, judged: 0, result: unknown, account })], stream)
  expect(lines[1]?.split(/ {2,}/)).toContain('undecided')
  expect(lines[1]).not.toMatch(/4,267|60/)
  expect(lines.at(-1)).toBe(`  ${account}`)
})

test('gates: one that failed is told, also where a row has no verdict', () => {
  const row = createRow({
    gates: [{ name: 'p99Ms', operator: '<', limit: 250 }],
    result: { ...unknown, held: false, because: ['round 3: it did not happen', 'gate p99Ms < 250 ms: it was 310 ms'] },
  })
  const lines = renderComparison([row], stream)
  expect(lines[1]).toContain(' not kept ')
  expect(lines).toContain('  gate p99Ms < 250 ms: it was 310 ms')
})
