import { expect, test } from 'vitest'
import type { Container, Pod, Stored } from '../store/objects.ts'
import { expandVariables, makeEnvironmentVariables } from './environment.ts'

const pod = {
  metadata: { name: 'web-1', namespace: 'shop', uid: '1b9', labels: { tier: 'front "end"', app: 'web' } },
  spec: { nodeName: 'node-1', containers: [] },
} as unknown as Stored<Pod>
const configMaps: Record<string, Record<string, string>> = { settings: { MODE: 'fast', LEVEL: '3' } }
const sources = {
  pod,
  podIp: '10.244.1.7',
  hostIp: '172.18.0.2',
  configMap: (name: string) => (configMaps[name] ? { data: configMaps[name] } : undefined),
}

/** The variables as `NAME=value`, in their order. */
function listVariables(container: Omit<Container, 'name'>): string[] {
  return makeEnvironmentVariables({ name: 'app', ...container }, sources).map(({ name, value }) => `${name}=${value}`)
}

test('Environment: env comes after envFrom, and a later value replaces an earlier one', () => {
  const variables = listVariables({
    envFrom: [{ configMapRef: { name: 'settings' } }, { prefix: 'APP_', configMapRef: { name: 'settings' } }],
    env: [
      { name: 'LEVEL', value: '5' },
      { name: 'EMPTY', value: '' },
    ],
  })
  expect(variables).toEqual(['MODE=fast', 'LEVEL=5', 'APP_MODE=fast', 'APP_LEVEL=3', 'EMPTY='])
})

test('Environment: a value refers to variables before it, and to none after it', () => {
  const env = [
    { name: 'URL', value: 'http://$(HOST):$(PORT)/$$(HOST)' },
    { name: 'HOST', value: 'a' },
    { name: 'PORT', value: '80' },
    { name: 'NEXT', value: '$(HOST):$(PORT)' },
  ]
  expect(listVariables({ env })).toEqual(['URL=http://$(HOST):$(PORT)/$(HOST)', 'HOST=a', 'PORT=80', 'NEXT=a:80'])
})

test.each([
  ['metadata.name', 'web-1'],
  ['metadata.namespace', 'shop'],
  ['metadata.uid', '1b9'],
  ["metadata.labels['app']", 'web'],
  ["metadata.annotations['none']", ''],
  ['metadata.labels', 'app="web"\ntier="front \\"end\\""'],
  ['spec.nodeName', 'node-1'],
  ['spec.serviceAccountName', 'default'],
  ['status.podIP', '10.244.1.7'],
  ['status.hostIP', '172.18.0.2'],
])('Environment: the downward API has %s', (fieldPath, value) => {
  expect(listVariables({ env: [{ name: 'FIELD', valueFrom: { fieldRef: { fieldPath } } }] })).toEqual([
    `FIELD=${value}`,
  ])
})

test('Environment: what is missing is an error unless it is optional', () => {
  const missing = (name: string, key: string, optional = false): Omit<Container, 'name'> => ({
    env: [{ name: 'X', valueFrom: { configMapKeyRef: { name, key, optional } } }],
  })
  expect(() => listVariables(missing('nowhere', 'MODE'))).toThrow('configmap "nowhere" not found')
  expect(() => listVariables(missing('settings', 'COLOUR'))).toThrow(
    "couldn't find key COLOUR in ConfigMap shop/settings",
  )
  expect(() => listVariables({ envFrom: [{ configMapRef: { name: 'nowhere' } }] })).toThrow('"nowhere" not found')
  expect(() => listVariables({ envFrom: [{ secretRef: { name: 'keys' } }] })).toThrow('secret "keys" not found')
  expect(listVariables(missing('nowhere', 'MODE', true))).toEqual([])
  expect(listVariables(missing('settings', 'COLOUR', true))).toEqual([])
  expect(listVariables({ envFrom: [{ secretRef: { name: 'keys', optional: true } }] })).toEqual([])
})

test.each([
  ['$(A)-$(B)', '1-$(B)'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$1'],
  ['$A ${A} $() $(A', '$A ${A} $() $(A'],
  ['$(A)$(A)', '11'],
])('Environment: %s in a command line becomes %s', (text, expanded) => {
  expect(expandVariables(text, (name) => (name === 'A' ? '1' : undefined))).toBe(expanded)
})
