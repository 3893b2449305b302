// A new version, as `kubectl set env deployment/web RELEASE=2` makes one: a rolling update to another template.
import { defineScenario, steady, untilSettled, update } from 'nodrop'

export default defineScenario({
  summary: 'replaces every pod by one of a new version, one after another',
  replicas: 3,
  load: { ratePerSecond: 200 },
  steps: [steady(3), update({ env: { RELEASE: '2' } }), untilSettled(), steady(3)],
})
