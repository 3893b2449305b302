/** The machine had room: a pod that nothing disrupts answered as quickly as it should. */
import { duration } from '../wording.ts'
import type { Claim } from './claim.ts'
import { figure, finding } from './claim.ts'

/**
 * Beside its work a request takes a few ms on an idle machine, and tens of ms where pods start. From half a second on a machine stands still
 * for longer than a new connection waits before it tries again, and pods end at other times than they would.
 */
const spareUs = 500_000

export const machineResponsive: Claim = {
  name: 'machine-responsive',
  says: 'The machine had room for the workload: a pod that nothing disrupts answered in time',
  evidence: 'latency of the lane `control`, whose pod does the same work',
  tolerance: `its 99th percentile within ${duration(spareUs)} of the work of a request: beyond it the machine holds pods up for as long as disruptions do, whatever the priorities of what keeps it busy`,
  conclusions: ['none-lost', 'how-many', 'how-late'],
  hold: ({ plan, load }) => {
    const p99Us = load.controlLatency?.p99Us ?? null
    const limitUs = plan.scenario.load.workMs * 1000 + spareUs
    return finding(
      [
        p99Us === null || p99Us <= limitUs
          ? null
          : `the machine was busy: 1 % of the requests to a pod that nothing disrupts took ${duration(p99Us)} or more`,
      ],
      [figure('p99 of the control lane', 'us', p99Us, limitUs)],
    )
  },
}
