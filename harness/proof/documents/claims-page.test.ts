import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claims } from '../../judge/claims/claims.ts'
import { collectCases, renderClaimsPage } from './claims-page.ts'

const root = join(import.meta.dirname, '../../..')
const cases = collectCases(readFileSync(join(root, 'harness', 'judge', 'claims', 'claims.test.ts'), 'utf8'))

test('docs/claims.md is what the claims say', () => {
  expect(readFileSync(join(root, 'docs', 'claims.md'), 'utf8')).toBe(renderClaimsPage(claims, cases))
})

test('every claim is told with the damage that breaks it', () => {
  expect([...cases.keys()].sort()).toEqual(claims.map(({ name }) => name).sort())
  expect([...cases].filter(([, titles]) => titles.length === 0)).toEqual([])
  expect(cases.get('log-whole')).toContain('the run was killed while it cleaned up')
})
