import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Environment, RunPlan } from '../model/plan.ts'
import type { Workload } from '../model/workload.ts'
import type { ScenarioStep } from '../model/steps/steps.ts'
import { buildPlan } from '../testing/samples/rollout-log.ts'
import { getPlanPath, readPlan, writePlan } from './plan-file.ts'

/** `Required`: a field that is added to the model but forgotten here is a type error. */
const whole: Required<RunPlan> & { environment: Required<Environment>; workload: Required<Workload> } = {
  ...buildPlan(),
  fullRecords: 50,
  connectionTracking: false,
  attempt: 2,
  firstSeq: 7,
  environment: { ...buildPlan().environment, coresAwake: true, driverBefore: 'workload' },
  capacity: { kneePerSecond: 300, belowPerSecond: 250, measured: '2026-01-01' },
  workload: {
    ...buildPlan().workload,
    namespace: 'shop',
    selector: { matchLabels: { app: 'shop' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['web'] }] },
    containers: { names: ['app'], front: 'app', logs: ['app'] },
    identification: { podHeader: 'x-served-by', workloadHeader: null, requestIdHeader: null },
  },
  keptFields: ['containers.resources.limits'],
  deployed: {
    objects: [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 2 } }],
    images: [{ name: 'nodrop/app:dev', digest: null }],
    source: { path: 'manifests/graceful.yaml', sha256: 'ab' },
  },
}

test('a plan is read as it was written, every field of it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-plan-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writePlan(folder, whole)
  expect(readPlan(folder)).toEqual(whole)
})

test('a plan that describes no workload is one of the sample', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-plan-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { workload, ...before } = buildPlan()
  writeFileSync(getPlanPath(folder), JSON.stringify(before))
  expect(readPlan(folder)).toEqual({ ...before, workload })
})

test('steps are read as they were written, whatever their kind; what is no data is left out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-plan-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const restart: ScenarioStep = { kind: 'rollout-restart' }
  const settled: ScenarioStep = { kind: 'until-settled' }
  const steps: ScenarioStep[] = [
    { kind: 'steady', forMs: 500 },
    { kind: 'scale', to: 3 },
    { kind: 'evict', pods: 1, budget: { maxUnavailable: 1 } },
    { kind: 'drain' },
    { kind: 'delete', count: 1, gracePeriodSeconds: 3 },
    { kind: 'autoscale', to: 4, holdMs: 100 },
    { kind: 'update', patch: { spec: { minReadySeconds: 3 } } },
    { kind: 'command', argv: ['helm', 'upgrade', 'shop', '.'] },
    { kind: 'repeat', times: 2, steps: [restart, settled] },
    { kind: 'together', steps: [restart, { kind: 'scale', to: 2 }] },
    settled,
    { kind: 'steady', forMs: 1000 },
  ]
  const own: ScenarioStep = { kind: 'step', name: 'warm up', sha256: 'ab'.repeat(32) }
  const applied: ScenarioStep = { kind: 'apply', file: 'v2.yaml', sha256: 'ab' }
  const withCode: ScenarioStep[] = [
    { ...own, run: async () => {} },
    { ...applied, read: () => [{ secret: 's3cret' }] },
  ]
  writePlan(folder, buildPlan({ steps: [...withCode, ...steps] }))
  expect(readPlan(folder).scenario.steps).toEqual([own, applied, ...steps])
  expect(readFileSync(getPlanPath(folder), 'utf8')).not.toContain('s3cret')
})

test('a plan of one disruption and its phases is read as steps', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-plan-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { scenario, ...plan } = buildPlan()
  const { steps: _, limitMs: __, ...others } = scenario
  const phases = { beforeMs: 2_000, afterMs: 3_000, limitMs: 60_000 }
  const old = { ...plan, scenario: { ...others, disruption: { kind: 'rollout-restart' }, phases } }
  writeFileSync(getPlanPath(folder), JSON.stringify(old))
  expect(readPlan(folder).scenario).toEqual(scenario)
  writeFileSync(
    getPlanPath(folder),
    JSON.stringify({ ...old, scenario: { ...old.scenario, disruption: { kind: 'reboot' } } }),
  )
  expect(() => readPlan(folder)).toThrow(/scenario\.disruption\.kind/)
})
