import { join } from 'node:path'
import type { V1Job, V1ResourceRequirements } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { readBaseManifests, rejectTooManyDrivers } from './base-manifests.ts'
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

test('drivers: those that this machine starts have its cores for what each of them asks for', () => {
  const { driver } = readBaseManifests(manifests)
  expect(() => rejectTooManyDrivers(4, driver, 2)).not.toThrow()
  const message = 'Cannot run 5 drivers on this machine: each asks for 0.5 of its cores, of which there are 2'
  expect(() => rejectTooManyDrivers(5, driver, 2)).toThrow(message)
  // One is always allowed: it may be late, and reports that.
  expect(() => rejectTooManyDrivers(1, readBaseManifests(manifests, { driverCpu: 4 }).driver, 2)).not.toThrow()
  expect(() => rejectTooManyDrivers(2, readBaseManifests(manifests, { driverCpu: 2 }).driver, 3)).toThrow(
    'asks for 2 of',
  )
  const asksNothing = structuredClone(driver) as V1Job
  delete asksNothing.spec!.template.spec!.containers[0]!.resources
  expect(() => rejectTooManyDrivers(99, asksNothing, 1)).not.toThrow()
})

test('drivers: without, they fit on a small node and are never throttled', () => {
  expect(readResources({})).toMatchObject({ requests: { cpu: '500m' } })
  expect(readResources({})).not.toHaveProperty('limits')
})
