import { expect, test } from 'vitest'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { formatLedger, formatAggregated } from './ledger-text.ts'

const ledger = buildSampleComparison().runs[0]?.analysis.ledger
if (ledger === undefined) throw new Error('Cannot test without a sample run')

test('the account is two sums, the largest part first', () => {
  expect(formatLedger(ledger)).toEqual({
    planned: 'planned 5,000 = sent 4,998 + not sent 2 (overload 2)',
    sent: 'sent 4,998 = ok 4,869 + lost 129 (refused 102 · closed-before-response 21 · unreachable 6)',
    balanced: true,
  })
})

test('sums: one that does not come out is shown, whatever the ledger says', () => {
  expect(formatLedger({ ...ledger, planned: 5_001 }).planned).toMatch(/^planned 5,001 ≠ /)
  expect(formatLedger({ ...ledger, ok: 4_870 })).toMatchObject({
    balanced: false,
    sent: expect.stringMatching(/^sent 4,998 ≠ /),
  })
  expect(formatLedger({ ...ledger, outcomes: { ...ledger.outcomes, tls: 1 } }).balanced).toBe(false)
  expect(formatLedger({ ...ledger, balanced: false }).balanced).toBe(false)
})

test('says what the log has only in sums, and how exact its figures are then', () => {
  expect(formatAggregated({ aggregated: null })).toBeNull()
  const text = formatAggregated({ aggregated: { requests: 8_000_000, slowUs: 12_000, precision: 1 / 128 } })
  expect(text).toMatch(
    /^8,000,000 of the requests that were answered well are only counted .* more than 12\sms is in it by itself/,
  )
  expect(text).toMatch(/exact, other quantiles at most 0.78\s% too high\.$/)
})
