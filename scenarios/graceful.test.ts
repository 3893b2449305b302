// What a project's own test looks like: a cluster for the file, a scenario, and what must hold of it.
import { defineScenario, openLab, rolloutRestart, steady, untilSettled } from 'nodrop'
import type { Lab } from 'nodrop'
import 'nodrop/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'

const brief = defineScenario({
  summary: 'restarts two pods, one after another',
  replicas: 2,
  load: { ratePerSecond: 100 },
  steps: [steady(1.5), rolloutRestart(), untilSettled(), steady(1.5)],
})

let lab: Lab
beforeAll(async () => {
  lab = await openLab({ cluster: 'local' })
})
afterAll(() => lab[Symbol.asyncDispose]())

test('graceful: a rolling restart loses no requests and stays quick', { timeout: 120_000 }, async () => {
  const run = await lab.run(brief, { configuration: 'graceful', name: 'brief', repeats: 2 })
  expect(run).toLoseNoRequests()
  expect(run).toStayUnder({ p99Ms: 1_000 })
})
