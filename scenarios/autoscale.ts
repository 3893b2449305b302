// Up under load and down again, as an autoscaler does it around a peak; which pods leave, the ReplicaSet controller chooses.
import { autoscale, defineScenario, steady, untilSettled } from 'nodrop'

export default defineScenario({
  summary: 'scales three pods to six, and to three again',
  replicas: 3,
  load: { ratePerSecond: 200 },
  steps: [steady(3), autoscale({ to: 6, holdMs: 3000 }), untilSettled(), steady(3)],
})
