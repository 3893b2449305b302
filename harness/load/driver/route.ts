/** How the requests of each lane travel: where to, on what kind of connection, what they say, and what the answers must. */
import { lanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import { sampleIdentification } from '../../model/workload.ts'
import { createDialer } from '../http1/dialer.ts'
import type { Dialer } from '../http1/dialer.ts'
import type { ExpectedResponse } from '../http1/response-head.ts'
import { formatIdPrefix } from '../service/control-protocol.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import { buildRequestText } from '../http1/request-text.ts'
import type { RequestSource, RequestText } from '../http1/request-text.ts'

export interface Route {
  dial: Dialer
  text: RequestText
  expected: ExpectedResponse
  /** Whether a connection may be used again, rather than opened for each request. */
  keepsAlive: boolean
}

export type Routes = Record<Lane, Route>

/** `control` is a second `fresh`: a new connection meets whatever is wrong on the way at that instant. */
const keepsAliveByLane: Record<Lane, boolean> = { fresh: false, reused: true, 'reused-post': true, control: false }

export function createRoutes(plan: RequestSource & Pick<DriverPlan, 'workload' | 'identification'>): Routes {
  const { target, tls, workload, identification, control, requests } = plan
  const idPrefix = formatIdPrefix(plan)
  const ends = { dial: createDialer(target, tls), answers: { workload, identification } }
  const controlEnds = control && {
    dial: createDialer(control.target, null),
    answers: { workload: control.workload, identification: sampleIdentification },
  }
  const createRoute = (lane: Lane): Route => {
    const { dial, answers } = (lane === 'control' && controlEnds) || ends
    const toHead = lane !== 'control' && requests[lane].method === 'HEAD'
    const keeps = keepsAliveByLane[lane]
    return {
      dial,
      text: buildRequestText(lane, keeps, plan),
      expected: { idPrefix, ...answers, toHead },
      keepsAlive: keeps,
    }
  }
  return Object.fromEntries(lanes.map((lane) => [lane, createRoute(lane)])) as Routes
}
