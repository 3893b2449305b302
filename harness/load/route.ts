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
}

export type Routes = Record<Lane, Route>

/** `control` is a second `fresh`: a new connection meets whatever is wrong on the way at that instant. */
const keeping: Record<Lane, boolean> = { fresh: false, reused: true, 'reused-post': true, control: false }

export function routesOf({ target, workload, control }: Pick<DriverPlan, 'target' | 'workload' | 'control'>): Routes {
  const ends = (lane: Lane): Omit<Route, 'keeps'> => (lane === 'control' && control) || { target, workload }
  return Object.fromEntries(lanes.map((lane) => [lane, { ...ends(lane), keeps: keeping[lane] }])) as Routes
}
