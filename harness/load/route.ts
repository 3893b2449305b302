/** How the requests of each lane travel: where to, on what kind of connection, and who must answer. */
import { lanes } from '../model/plan.ts'
import type { Lane } from '../model/plan.ts'
import type { DriverPlan } from './protocol.ts'

export interface Route {
  target: { host: string; port: number }
  /** The `x-nodrop-workload` of the right answer. */
  workload: string
  /** Whether a connection may be used again, rather than opened for each request. */
  keeps: boolean
  /** Whether it is HEAD that is sent, whose responses have no body. */
  toHead: boolean
}

export type Routes = Record<Lane, Route>

/** `control` is a second `fresh`: a new connection meets whatever is wrong on the way at that instant. */
const keeping: Record<Lane, boolean> = { fresh: false, reused: true, 'reused-post': true, control: false }

type Asked = Pick<DriverPlan, 'target' | 'workload' | 'control' | 'requests'>

export function routesOf({ target, workload, control, requests }: Asked): Routes {
  const routeOf = (lane: Lane): Route => ({
    ...((lane === 'control' && control) || { target, workload }),
    keeps: keeping[lane],
    toHead: lane !== 'control' && requests[lane].method === 'HEAD',
  })
  return Object.fromEntries(lanes.map((lane) => [lane, routeOf(lane)])) as Routes
}
