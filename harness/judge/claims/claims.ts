/** Every claim, most important first: the first one that does not hold is the reason for a verdict of `unknown`. */
import type { ClaimResult } from '../../model/claims.ts'
import type { ClaimInput, Claim } from './claim.ts'
import { clocksTrusted } from './clocks-trusted.ts'
import { controlClean } from './control-clean.ts'
import { controlOwnPod } from './control-own-pod.ts'
import { disruptionCovered } from './disruption-covered.ts'
import { disruptionHappened } from './disruption-happened.ts'
import { driverKeptUp } from './driver-kept-up.ts'
import { kernelAgrees } from './kernel-agrees.ts'
import { ledgerBalanced } from './ledger-balanced.ts'
import { logWhole } from './log-whole.ts'
import { lossesCaused } from './losses-caused.ts'
import { machineResponsive } from './machine-responsive.ts'
import { planCarriedOut } from './plan-carried-out.ts'
import { podsMet } from './pods-met.ts'
import { quietBefore } from './quiet-before.ts'
import { requestsSent } from './requests-sent.ts'
import { serversAgree } from './servers-agree.ts'
import { watchesWhole } from './watches-whole.ts'

export const claims: readonly Claim[] = [
  logWhole,
  ledgerBalanced,
  disruptionHappened,
  controlClean,
  controlOwnPod,
  quietBefore,
  lossesCaused,
  requestsSent,
  planCarriedOut,
  disruptionCovered,
  podsMet,
  machineResponsive,
  serversAgree,
  kernelAgrees,
  watchesWhole,
  clocksTrusted,
  driverKeptUp,
]

/** In their order. */
export function checkClaims(run: ClaimInput): ClaimResult[] {
  return claims.map(({ name, says, conclusions, disturbance, check }) => {
    const { problems, figures } = check(run)
    const holds = problems.length === 0
    return { name, says, holds, problems, figures, conclusions: [...conclusions], disturbance }
  })
}
