// A rolling restart, as `kubectl rollout restart deployment/web` does it.
import { defineScenario, rolloutRestart, steady, untilSettled } from 'nodrop'

export default defineScenario({
  summary: 'restarts every pod, one after another',
  replicas: 3,
  load: { ratePerSecond: 200 },
  steps: [steady(3), rolloutRestart(), untilSettled(), steady(3)],
})
