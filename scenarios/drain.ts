// One node drained of the workload's pods, as `kubectl drain` does it for an upgrade, or bin-packing to save a node.
import { defineScenario, drain, steady, untilSettled } from 'nodrop'

export default defineScenario({
  summary: 'cordons one node and evicts its pods, with no budget',
  replicas: 3,
  load: { ratePerSecond: 200 },
  steps: [steady(3), drain('a node of the workload'), untilSettled(), steady(3)],
})
