/** The lane `control` was sent to a pod of its own, which lived through the run. */
import type { EndpointSnapshot } from '../../model/record.ts'
import { findStepUs } from '../facts/evidence.ts'
import type { Evidence } from '../facts/evidence.ts'
import { formatList } from '../../base/figures.ts'
import type { ClaimInput, Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

export const controlOwnPod: Claim = {
  name: 'control-own-pod',
  says: 'The control lane was answered by one pod of its own, which lived through the run',
  evidence:
    'the pod that each `ok` answer of the lane `control` names; what was seen of that pod’s containers and endpoint',
  tolerance: 'none: a control lane that is disrupted itself, or that goes to the workload, controls nothing',
  conclusions: ['some-lost', 'none-lost', 'how-many', 'how-late'],
  disturbance: false,
  check: (run) => {
    const pods = [...run.evidence.controlAnswered.keys()].sort()
    return toClaimCheck(listProblems(run, pods), [createFigure('pods that answered', 'count', pods.length, 1)])
  },
}

function listProblems({ evidence, pods, account }: ClaimInput, answering: readonly string[]): (string | null)[] {
  if (account.control === null) return []
  const named = evidence.controlAnswered.values().reduce((sum, { count }) => sum + count, 0)
  const workload = answering.filter((pod) => pods.some((life) => life.pod === pod) || evidence.answered.has(pod))
  return [
    answering.length <= 1 ? null : `the control lane was answered by ${formatList(answering)}: it must be one pod`,
    named === account.control.ok ? null : 'the control lane’s answers do not all say which pod gave them',
    workload.length === 0
      ? null
      : `the control lane was answered by ${formatList(workload)}, which the workload’s requests go to`,
    ...answering.map((pod) => explainEndOfControlPod(evidence, pod)),
  ]
}

/** Moments that a pod which lives through the load does not have during it. */
const containerInterruptions: ReadonlySet<string> = new Set(['started', 'stopping', 'signal', 'exited'])

/** Whether its containers ended or began, or its endpoint went, while the load went on. */
function explainEndOfControlPod(evidence: Evidence, pod: string): string | null {
  const [fromUs, toUs] = [findStepUs(evidence, 'load-begin') ?? 0, findStepUs(evidence, 'load-stop') ?? Infinity]
  const { container, endpoints } = evidence.seen
  const ended = container.some(
    ({ pod: own, moment, at, errorUs }) =>
      own === pod && containerInterruptions.has(moment) && fromUs + errorUs <= at && at - errorUs < toUs,
  )
  if (ended) return `the control lane’s pod ${pod} was ended while the load went on`
  const services = new Set(endpoints.filter((one) => isReadyEndpoint(one.endpoints, pod)).map(({ service }) => service))
  const left = endpoints.some(
    ({ t, service, slice, endpoints: own }) =>
      services.has(service) &&
      fromUs <= t &&
      t < toUs &&
      !isReadyEndpoint(own, pod) &&
      isReadyLater(evidence, slice, pod, t),
  )
  return left ? `the control lane’s pod ${pod} was no endpoint for a while` : null
}

/** Slices that never contained the pod are other parts of the same Service. */
function isReadyLater({ seen }: Evidence, slice: string, pod: string, t: number): boolean {
  return seen.endpoints.some((one) => one.slice === slice && one.t < t && isReadyEndpoint(one.endpoints, pod))
}

function isReadyEndpoint(endpoints: readonly EndpointSnapshot[], pod: string): boolean {
  return endpoints.some((each) => each.pod === pod && each.ready)
}
