// What a project's own test looks like: a cluster, a scenario, and what must hold of it.
import { defineScenario, openLab, rolloutRestart, steady, untilSettled } from 'nodrop'
import 'nodrop/vitest'
import { expect, test } from 'vitest'

const brief = defineScenario({
  summary: 'restarts two pods, one after another',
  replicas: 2,
  load: { ratePerSecond: 100 },
  steps: [steady(1.5), rolloutRestart(), untilSettled(), steady(1.5)],
})

test('graceful: a rolling restart loses no requests and stays quick', { timeout: 240_000 }, async () => {
  await using lab = await openLab({ cluster: 'local' })
  const run = await lab.run(brief, { configuration: 'graceful', name: 'brief', repeats: 2 })
  expect(run).toLoseNoRequests()
  expect(run).toStayUnder({ p99Ms: 1_000 })
})
