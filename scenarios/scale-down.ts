// A scale-down, as `kubectl scale --replicas=2 deployment/web` does it, or an autoscaler at night.
import { defineScenario, scale, steady, untilSettled } from 'nodrop'

export default defineScenario({
  summary: 'takes two of four pods away at once',
  replicas: 4,
  load: { ratePerSecond: 200 },
  steps: [steady(3), scale(2), untilSettled(), steady(3)],
})
