/** How the requests of each lane travel: where to, on what kind of connection, and who must answer. */
import { lanes } from '../model/plan.ts'
import type { Lane } from '../model/plan.ts'
import { dialTo } from './dial.ts'
import type { Dial } from './dial.ts'
import type { DriverPlan } from './protocol.ts'

export interface Route {
  dial: Dial
  /** The `x-nodrop-workload` of the right answer. */
  workload: string
  /** Whether a connection may be used again, rather than opened for each request. */
  keeps: boolean
  /** Whether it is HEAD that is sent, whose responses have no body. */
  toHead: boolean
}

export type Routes = Record<Lane, Route>

/** `control` is a second `fresh`: a new connection meets whatever is wrong on the way at that instant. */
export const keeping: Record<Lane, boolean> = { fresh: false, reused: true, 'reused-post': true, control: false }

type Asked = Pick<DriverPlan, 'target' | 'tls' | 'workload' | 'control' | 'requests'>

export function routesOf({ target, tls, workload, control, requests }: Asked): Routes {
  const ends = { dial: dialTo(target, tls), workload }
  const controlEnds = control && { dial: dialTo(control.target, null), workload: control.workload }
  const routeOf = (lane: Lane): Route => ({
    ...((lane === 'control' && controlEnds) || ends),
    keeps: keeping[lane],
    toHead: lane !== 'control' && requests[lane].method === 'HEAD',
  })
  return Object.fromEntries(lanes.map((lane) => [lane, routeOf(lane)])) as Routes
}
