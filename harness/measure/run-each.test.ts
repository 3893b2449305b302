import { join } from 'node:path'
import type { V1Job, V1ResourceRequirements } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import type { DriverPodOptions } from './run-each.ts'
import { readBaseManifests } from './run-each.ts'

const manifests = join(import.meta.dirname, '../../manifests')

function readResources(options: DriverPodOptions): V1ResourceRequirements | undefined {
  const { spec } = readBaseManifests(manifests, options).driver as V1Job
  return spec?.template.spec?.containers[0]?.resources
}

test('driver: with cores of its own it is of the class Guaranteed', () => {
  const { requests, limits } = readResources({ driverCpu: 2 }) ?? {}
  expect(requests).toMatchObject({ cpu: '2' })
  expect(Object.keys(requests ?? {}).sort()).toEqual(['cpu', 'memory'])
  expect(limits).toEqual(requests)
})

test('driver: without limits it fits on a small node, never throttled', () => {
  expect(readResources({})).toMatchObject({ requests: { cpu: '500m' } })
  expect(readResources({})).not.toHaveProperty('limits')
})
