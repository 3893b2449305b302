/** How the requests of each lane travel: where to, on what kind of connection, what they say, and what the answers must. */
import type { Socket } from 'node:net'
import { lanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import { sampleIdentification } from '../../model/workload.ts'
import { createDialer } from './dialer.ts'
import type { Dialer } from './dialer.ts'
import type { ExpectedResponse } from './response-head.ts'
import { formatIdPrefix } from '../service/control-protocol.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import { buildRequestText } from './request-text.ts'
import type { RequestSource } from './request-text.ts'

export interface Route {
  dialer: Dialer
  /** Writes the request with a number, whole. */
  write: (socket: Socket, seq: number) => void
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
  const ends = { dialer: createDialer(target, tls), answers: { workload, identification } }
  const controlEnds = control && {
    dialer: createDialer(control.target, null),
    answers: { workload: control.workload, identification: sampleIdentification },
  }
  const createRoute = (lane: Lane): Route => {
    const { dialer, answers } = (lane === 'control' && controlEnds) || ends
    const toHead = lane !== 'control' && requests[lane].method === 'HEAD'
    const keepsAlive = keepsAliveByLane[lane]
    const { before, after } = buildRequestText(lane, keepsAlive, plan)
    return {
      dialer,
      write: (socket, seq) => void socket.write(before + seq + after, 'latin1'),
      expected: { idPrefix, ...answers, toHead },
      keepsAlive,
    }
  }
  return Object.fromEntries(lanes.map((lane) => [lane, createRoute(lane)])) as Routes
}
