import { expect, test } from 'vitest'
import { formatLabelSelector } from './workload.ts'

test('a label selector is written as the API takes it in a query', () => {
  const matchExpressions = [
    { key: 'tier', operator: 'In', values: ['web', 'edge'] },
    { key: 'track', operator: 'NotIn', values: ['canary'] },
    { key: 'team', operator: 'Exists' },
    { key: 'legacy', operator: 'DoesNotExist' },
  ]
  const matchLabels = { app: 'shop', release: 'a' }
  expect(formatLabelSelector({ matchLabels, matchExpressions })).toBe(
    'app=shop,release=a,tier in (web,edge),track notin (canary),team,!legacy',
  )
  expect(formatLabelSelector({})).toBe('')
})
