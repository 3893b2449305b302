import { join } from 'node:path'
import type { V1Job, V1ResourceRequirements } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { readBaseManifests } from './base-manifests.ts'
import type { DriverPodOptions } from './base-manifests.ts'

const manifests = join(import.meta.dirname, '../../../manifests')

function readResources(options: DriverPodOptions): V1ResourceRequirements | undefined {
  const { spec } = readBaseManifests(manifests, options).driver as V1Job
  return spec?.template.spec?.containers[0]?.resources
}

test('drivers: with whole cores asked for, their pods are Guaranteed', () => {
  const { requests, limits } = readResources({ driverCpu: 2 }) ?? {}
  expect(requests).toMatchObject({ cpu: '2' })
  expect(Object.keys(requests ?? {}).sort()).toEqual(['cpu', 'memory'])
  expect(limits).toEqual(requests)
})

test('drivers: without, they fit on a small node and are never throttled', () => {
  expect(readResources({})).toMatchObject({ requests: { cpu: '500m' } })
  expect(readResources({})).not.toHaveProperty('limits')
})
