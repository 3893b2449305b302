import { expect, test } from 'vitest'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { listConditions } from './conditions.ts'

test('fields of pods that are without effect are told, once for all runs, and nothing where there are none', () => {
  const { runs } = buildSampleComparison()
  expect(listConditions(runs).map(([name]) => name)).not.toContain('Without effect')
  const keptFields = ['dnsPolicy', 'containers.resources.limits']
  const asking = runs.map((run) => ({ ...run, plan: { ...run.plan, keptFields } }))
  expect(listConditions(asking)).toContainEqual([
    'Without effect',
    'containers.resources.limits, dnsPolicy of its pods (docs/pod-fields.md)',
  ])
})
