// Every pod evicted under a PodDisruptionBudget: refusals (429) are asked again, as `kubectl drain` does.
import { defineScenario, evict, steady, untilSettled } from 'nodrop'

export default defineScenario({
  summary: 'evicts every pod through the Eviction API, under a budget of one at a time',
  replicas: 3,
  load: { ratePerSecond: 200 },
  steps: [steady(3), evict({ budget: { maxUnavailable: 1 } }), untilSettled(), steady(3)],
})
