import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { getRecordedDir, recordedRuns } from '../testing/recorded-runs.ts'
import { buildPlan } from '../testing/samples/rollout-log.ts'
import {
  capacitySchema,
  configurationSchema,
  environmentSchema,
  loadSchema,
  phasesSchema,
  viaSchema,
} from './plan-schema.ts'

const { scenario, environment } = buildPlan()
const { load } = scenario
const phases = { beforeMs: 2_000, afterMs: 3_000, limitMs: 60_000 }

/** The paths at which a value is refused; empty if it is accepted. */
function listRefused(
  schema: { safeParse(value: unknown): { error?: { issues: { path: PropertyKey[] }[] } } },
  value: unknown,
): string[] {
  return (schema.safeParse(value).error?.issues ?? []).map(({ path }) => path.join('.'))
}

test.each(recordedRuns.map(({ name }) => name))('plan of %s: its parts are read as they were written', (name) => {
  const plan = JSON.parse(readFileSync(join(getRecordedDir(name), 'plan.json'), 'utf8')) as {
    scenario: Record<'load' | 'phases', unknown>
    configuration: unknown
    environment: unknown
  }
  expect(loadSchema.parse(plan.scenario.load)).toEqual(plan.scenario.load)
  expect(phasesSchema.parse(plan.scenario.phases)).toEqual(plan.scenario.phases)
  // An earlier nodrop wrote more of it.
  expect(plan.configuration).toMatchObject(configurationSchema.parse(plan.configuration))
  expect(environmentSchema.parse(plan.environment)).toEqual(plan.environment)
})

test('what a later nodrop may have added is left out', () => {
  expect(phasesSchema.parse({ ...phases, cooldownMs: 3 })).toEqual(phases)
  expect(viaSchema.parse({ kind: 'service', host: 'x' })).toEqual({ kind: 'service' })
})

test.each<[what: string, change: object, path: string]>([
  ['no rate at all', { ratePerSecond: 0 }, 'ratePerSecond'],
  ['a rate that is no number', { ratePerSecond: Number.NaN }, 'ratePerSecond'],
  ['a rate without end', { ratePerSecond: Infinity }, 'ratePerSecond'],
  ['a rate as text', { ratePerSecond: '200' }, 'ratePerSecond'],
  ['a control lane below nothing', { controlPerSecond: -1 }, 'controlPerSecond'],
  ['a time limit below 0', { timeoutMs: -1 }, 'timeoutMs'],
  ['a time that no clock of µs can hold', { thinkMs: 1e13 }, 'thinkMs'],
  ['part of a byte', { responseBytes: 0.5 }, 'responseBytes'],
  ['half a share', { shares: { fresh: 1 } }, 'shares.reused'],
  ['another engine', { closedLoop: { engine: 'wrk', connections: 1 } }, 'closedLoop.engine'],
  ['a field that is there without a value', { bodyTimeoutMs: undefined }, 'bodyTimeoutMs'],
])('load: %s is refused, and where', (_, change, path) => {
  expect(listRefused(loadSchema, load)).toEqual([])
  expect(listRefused(loadSchema, { ...load, ...change })[0]).toBe(path)
})

test('phases: each must be a time', () => {
  expect(listRefused(phasesSchema, { ...phases, limitMs: null })).toEqual(['limitMs'])
  expect(listRefused(phasesSchema, { beforeMs: 1, limitMs: 1 })).toEqual(['afterMs'])
})

test('way: an Ingress by host and port, and no other kind than the known', () => {
  const ingress = { kind: 'ingress', host: 'shop.test', port: 443 }
  expect(viaSchema.parse(ingress)).toEqual(ingress)
  expect(listRefused(viaSchema, { kind: 'ingress', host: 'shop.test' })).toEqual(['port'])
  expect(listRefused(viaSchema, { kind: 'loadbalancer' })).toEqual(['kind'])
})

test('environment: what figures depend on must be there', () => {
  const { kubernetes: _, ...rest } = environment
  expect(listRefused(environmentSchema, rest)).toEqual(['kubernetes'])
  expect(listRefused(environmentSchema, { ...environment, driverBefore: 'none' })).toEqual(['driverBefore'])
})

test('capacity: without a knee as well, and never without what was tried', () => {
  const known = { kneePerSecond: null, belowPerSecond: 280, measured: '2026-01-01T00:00:00.000Z' }
  expect(capacitySchema.parse(known)).toEqual(known)
  expect(listRefused(capacitySchema, { ...known, belowPerSecond: null })).toEqual(['belowPerSecond'])
})

test('configuration: it expects to lose requests or to lose none', () => {
  const configuration = { name: 'graceful', expects: 'loses-none', hypothesis: '' }
  expect(configurationSchema.parse(configuration)).toEqual(configuration)
  expect(listRefused(configurationSchema, { ...configuration, expects: 'maybe' })).toEqual(['expects'])
})
