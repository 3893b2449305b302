import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Environment, RunPlan } from '../model/plan.ts'
import type { Workload } from '../model/workload.ts'
import { buildPlan } from '../testing/samples/rollout-log.ts'
import { getPlanPath, readPlan, writePlan } from './plan-file.ts'

/** Required: a field that is added to the model and forgotten here is a type error. */
const whole: Required<RunPlan> & { environment: Required<Environment>; workload: Required<Workload> } = {
  ...buildPlan(),
  fullRecords: 50,
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
