import { expect, test } from 'vitest'
import type { ClaimResult } from '../../model/claims.ts'
import { renderClaimsTable } from './claims-table.ts'

const holding: ClaimResult = {
  name: 'requests-sent',
  says: 'Every request that was due was sent',
  holds: true,
  problems: [],
  figures: [{ name: 'too late to be sent', unit: 'count', value: 0, limit: 0 }],
  conclusions: ['none-lost', 'how-many'],
  disturbance: true,
}
const broken: ClaimResult = {
  name: 'clocks-trusted',
  says: 'The drivers’ clocks can be trusted',
  holds: false,
  problems: ['the clock of <b>one</b> was set'],
  figures: [
    { name: 'largest error bar', unit: 'us', value: 250_000, limit: 100_000 },
    { name: 'share', unit: 'share', value: null, limit: null },
  ],
  conclusions: ['whose'],
  disturbance: true,
}
const renderText = (claims: ClaimResult[], voided: ClaimResult['conclusions'] = []): string =>
  String(renderClaimsTable({ claims, voided }))
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')

test('says how many hold, and what each was held against', () => {
  const text = renderText([holding])
  expect(text).toContain('What the verdict rests on: 1 claim, and it holds')
  expect(text).toContain('too late to be sent 0 (at most 0)')
  expect(text).toContain('that none was lost, how many were lost')
})

test('claims that do not hold come first, with what is not concluded', () => {
  const text = renderText([holding, broken], ['whose'])
  expect(text).toContain('1 of 2 claims does not hold')
  expect(text.indexOf(broken.says)).toBeLessThan(text.indexOf(holding.says))
  expect(text).toContain('the clock of &lt;b&gt;one&lt;/b&gt; was set')
  expect(text).toContain('largest error bar 250 ms (at most 100 ms); share unknown')
  expect(text).toContain('Not concluded: which pods the losses belong to.')
})

test('an analysis without claims has no table', () => {
  expect(renderClaimsTable({ claims: [], voided: [] })).toBe(false)
})
