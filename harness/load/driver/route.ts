/** How the requests of each lane travel: where to, on what kind of connection, what they say, and what the answers must. */
import { lanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import { dialTo } from '../http1/dialer.ts'
import type { Dial } from '../http1/dialer.ts'
import type { Expected } from '../http1/response-head.ts'
import { idPrefixOf } from '../service/control-protocol.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import { requestText } from '../http1/request-text.ts'
import type { Asked, RequestText } from '../http1/request-text.ts'

export interface Route {
  dial: Dial
  text: RequestText
  expected: Expected
  /** Whether a connection may be used again, rather than opened for each request. */
  keeps: boolean
}

export type Routes = Record<Lane, Route>

/** `control` is a second `fresh`: a new connection meets whatever is wrong on the way at that instant. */
const keeping: Record<Lane, boolean> = { fresh: false, reused: true, 'reused-post': true, control: false }

export function routesOf(plan: Asked & Pick<DriverPlan, 'workload'>): Routes {
  const { target, tls, workload, control, requests } = plan
  const idPrefix = idPrefixOf(plan)
  const ends = { dial: dialTo(target, tls), workload }
  const controlEnds = control && { dial: dialTo(control.target, null), workload: control.workload }
  const routeOf = (lane: Lane): Route => {
    const { dial, workload: who } = (lane === 'control' && controlEnds) || ends
    const toHead = lane !== 'control' && requests[lane].method === 'HEAD'
    const keeps = keeping[lane]
    return { dial, text: requestText(lane, keeps, plan), expected: { idPrefix, workload: who, toHead }, keeps }
  }
  return Object.fromEntries(lanes.map((lane) => [lane, routeOf(lane)])) as Routes
}
