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

test('a driver that is asked to have cores of its own is of the class Guaranteed', () => {
  const { requests, limits } = readResources({ driverCpu: 2 }) ?? {}
  expect(requests).toMatchObject({ cpu: '2' })
  expect(Object.keys(requests ?? {}).sort()).toEqual(['cpu', 'memory'])
  expect(limits).toEqual(requests)
})

test('a driver that is not asked for anything fits on a small node, and is never throttled', () => {
  expect(readResources({})).toMatchObject({ requests: { cpu: '500m' } })
  expect(readResources({})).not.toHaveProperty('limits')
})
