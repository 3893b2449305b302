/** The machine had capacity left: a pod that nothing disrupts answered as quickly as it should. */
import { computeIdleShare } from '../figures/driver-overload.ts'
import { formatDuration, formatPercent } from '../../base/figures.ts'
import type { Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

/**
 * Besides its work a request takes a few ms on an idle machine, and tens of ms where pods start. From half a second on a machine stalls for
 * longer than a new connection waits before its retry, and pods end at other times than they would.
 */
const maxControlP99Us = 500_000

/** With a smaller idle share the machine is overloaded. */
const minIdleShare = 0.03

export const machineResponsive: Claim = {
  name: 'machine-responsive',
  says: 'The machine had room for the workload: nothing that was not disrupted took much longer than its work',
  evidence:
    'latency of the lane `control`, whose requests ask for no work; latency before the disruption, and each `driver`: the time of the machine’s cores in which nothing ran',
  tolerance: `the 99th percentile of the control lane within ${formatDuration(maxControlP99Us)}, and where its cores were idle for less than ${formatPercent(minIdleShare, 1)} of the time that of the undisturbed workload within ${formatDuration(maxControlP99Us)} of the work of a request: beyond it the machine holds pods up for as long as disruptions do, whatever the priorities of what keeps it busy`,
  conclusions: ['none-lost', 'how-many', 'how-late'],
  disturbance: true,
  check: ({ plan, load, evidence, phases }) => {
    const controlUs = load.controlLatency?.p99Us ?? null
    const idle = computeIdleShare(evidence, phases)
    const limitUs = plan.scenario.load.workMs * 1000 + maxControlP99Us
    const isFull = idle !== null && idle < minIdleShare
    return toClaimCheck(
      [
        controlUs === null || controlUs <= maxControlP99Us
          ? null
          : `the machine was busy: 1 % of the requests to a pod that nothing disrupts took ${formatDuration(controlUs)} or more`,
        !isFull || load.usualUs <= limitUs
          ? null
          : `the machine was busy: its cores were idle for ${formatPercent(idle, 1)} of the time, and 1 % of the requests before the disruption took ${formatDuration(load.usualUs)} or more`,
      ],
      [
        createFigure('p99 of the control lane', 'us', controlUs, maxControlP99Us),
        createFigure('p99 before the disruption', 'us', load.usualUs, isFull ? limitUs : null),
        createFigure('share of the time in which cores were idle', 'share', idle),
      ],
    )
  },
}
