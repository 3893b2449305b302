/** The driver was on time when requests were due and when answers came: see overload.ts. */
import { overloadLimits, computeLagLimitUs, computeMeanHealth, explainOverload } from '../figures/driver-overload.ts'
import type { Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

export const driverKeptUp: Claim = {
  name: 'driver-kept-up',
  says: 'The driver kept up with its own plan, so that latencies are the workload’s',
  evidence: 'sent minus due of every request; each `driver`: CPU time, time waited for a core',
  tolerance: `the 99th percentile of the lag within a tenth of that of the latency, from which it cannot be distinguished, and in any case within ${overloadLimits.lagFloorUs / 1000} ms; no request later than a second; see overload.ts for the shares of a core`,
  conclusions: ['how-late'],
  disturbance: true,
  check: ({ plan, load, evidence, phases }) => {
    const health = evidence.seen.driver.length > 0
    const overload = explainOverload(load, evidence, phases)
    // This is something that the user can change.
    const right =
      plan.environment.driverBefore === 'workload'
        ? '; as root it would go before other programs (see nodrop doctor)'
        : ''
    return toClaimCheck(
      [overload && overload + right, health ? null : 'the driver did not report how it kept up'],
      [
        createFigure('p99 of the send lag', 'us', load.sendLag.p99Us, computeLagLimitUs(load)),
        createFigure('longest send lag', 'us', load.sendLag.maxUs, overloadLimits.lagMaxUs),
        createFigure(
          'share of a core used',
          'share',
          health ? computeMeanHealth(evidence, phases, 'cpuShare') : null,
          overloadLimits.cpuShare,
        ),
        createFigure(
          'share of the time waited for a core',
          'share',
          health ? computeMeanHealth(evidence, phases, 'waitShare') : null,
        ),
        createFigure(
          'share of the machine given to others',
          'share',
          health ? computeMeanHealth(evidence, phases, 'stolenShare') : null,
        ),
      ],
    )
  },
}
