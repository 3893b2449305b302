// Every pod evicted at once, as draining all their nodes does when no PodDisruptionBudget stands in the way.
import { defineScenario, evict, steady, untilSettled } from 'nodrop'

export default defineScenario({
  summary: 'evicts every pod through the Eviction API, with no budget',
  replicas: 3,
  load: { ratePerSecond: 200 },
  steps: [steady(3), evict(), untilSettled(), steady(3)],
})
