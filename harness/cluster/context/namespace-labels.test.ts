import { expect, test } from 'vitest'
import {
  isExpired,
  belongsToSession,
  isRunNamespace,
  buildNamespaceName,
  buildNamespaceLabels,
  buildSessionLabels,
} from './namespace-labels.ts'

const noon = new Date('2026-11-24T12:00:00.000Z')

test.each(['20261124-120000-rollout-graceful-r1', `20261124-120000-12-${'s'.repeat(20)}-${'c'.repeat(20)}-r1000`])(
  'namespace names: %s becomes what the API server takes',
  (runId) => {
    const name = buildNamespaceName(runId)
    expect(name).toMatch(/^nodrop-[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    expect(name.length).toBeLessThanOrEqual(63)
    const labels = buildNamespaceLabels(name, noon)
    for (const value of Object.values(labels)) expect(value).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/)
    expect(isRunNamespace({ metadata: { name, labels } })).toBe(true)
  },
)

test('namespace names: long run ids that differ at their end stay apart', () => {
  const id = 'x'.repeat(70)
  expect(buildNamespaceName(`${id}-r1`)).not.toBe(buildNamespaceName(`${id}-r2`))
})

test('namespace labels: a namespace expires when its label says so', () => {
  const name = buildNamespaceName('a')
  const metadata = { name, labels: buildNamespaceLabels(name, noon) }
  expect(isExpired({ metadata }, new Date(noon.getTime() - 1))).toBe(false)
  expect(isExpired({ metadata }, noon)).toBe(true)
  for (const expiry of ['', 'never', '2026', '99999999T999999Z']) {
    expect(isExpired({ metadata: { name, labels: { 'nodrop.dev/expires-at': expiry } } }, noon)).toBe(false)
  }
  expect(isExpired({ metadata: { name } }, noon)).toBe(false)
})

test('namespace labels: labels alone, or a name alone, are not enough', () => {
  const labels = buildNamespaceLabels('nodrop-a', noon)
  expect(isRunNamespace({ metadata: { name: 'nodrop-b', labels } })).toBe(false)
  expect(isRunNamespace({ metadata: { name: 'nodrop-a' } })).toBe(false)
  expect(isRunNamespace({ metadata: { name: 'kube-system', labels } })).toBe(false)
  expect(isRunNamespace({})).toBe(false)
})

test('namespace labels: a session knows its namespaces again', () => {
  const metadata = {
    name: 'nodrop-a',
    labels: { ...buildNamespaceLabels('nodrop-a', noon), ...buildSessionLabels('s1') },
  }
  expect(belongsToSession({ metadata }, 's1')).toBe(true)
  expect(belongsToSession({ metadata }, 's2')).toBe(false)
})
