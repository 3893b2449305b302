// Two of three pods deleted at once, as `kubectl delete pod` does it: no budget is asked.
import { defineScenario, deletePods, steady, untilSettled } from 'nodrop'

export default defineScenario({
  summary: 'deletes two of three pods at once',
  replicas: 3,
  load: { ratePerSecond: 200 },
  steps: [steady(3), deletePods({ count: 2 }), untilSettled(), steady(3)],
})
