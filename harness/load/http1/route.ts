/** How the requests of each lane are sent: their target, kind of connection and content, and what their answers must fulfil. */
import type { Socket } from 'node:net'
import { createRequestChooser } from '../../model/load/request-choice.ts'
import { lanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import { sampleIdentification } from '../../model/workload.ts'
import { compileTerms, createPlainTerms } from './answer-terms.ts'
import type { AnswerTerms } from './answer-terms.ts'
import { createDialer } from './dialer.ts'
import type { Dialer } from './dialer.ts'
import type { ExpectedResponse } from './response-head.ts'
import { formatIdPrefix } from '../service/control-protocol.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import { buildRequestText, getLaneContent } from './request-text.ts'
import type { RequestSource, RequestText } from './request-text.ts'

export interface Route {
  dialer: Dialer
  /** Writes the complete request with this number. */
  write: (socket: Socket, seq: number) => void
  /** What the answer to this request must fulfil. */
  termsOf: (seq: number) => AnswerTerms
  expected: ExpectedResponse
  /** Whether connections are reused instead of opened for each request. */
  keepsAlive: boolean
}

export type Routes = Record<Lane, Route>

/** `control` works as `fresh`: a new connection meets whatever is wrong on the way at that instant. */
const keepsAliveByLane: Record<Lane, boolean> = { fresh: false, reused: true, 'reused-post': true, control: false }

export type RouteSource = RequestSource & Pick<DriverPlan, 'workload' | 'identification' | 'seed' | 'listed'>

export function createRoutes(plan: RouteSource): Routes {
  const { target, tls, workload, identification, control } = plan
  const idPrefix = formatIdPrefix(plan)
  const ends = { dialer: createDialer(target, tls), answers: { workload, identification } }
  const controlEnds = control && {
    dialer: createDialer(control.target, null),
    answers: { workload: control.workload, identification: sampleIdentification },
  }
  const { fields, terms } = compileTerms(plan.listed ?? [])
  const createRoute = (lane: Lane): Route => {
    const { dialer, answers } = (lane === 'control' && controlEnds) || ends
    const keepsAlive = keepsAliveByLane[lane]
    const pick =
      lane === 'control' || plan.listed === null ? buildOwn(lane, keepsAlive, plan) : buildListed(lane, plan, terms)
    return {
      dialer,
      write: (socket, seq) => {
        const { before, after } = pick(seq).text
        socket.write(before + seq + after, 'latin1')
      },
      termsOf: (seq) => pick(seq).terms,
      expected: { idPrefix, ...answers, toHead: false, fields },
      keepsAlive,
    }
  }
  return Object.fromEntries(lanes.map((lane) => [lane, createRoute(lane)])) as Routes
}

interface RoutedRequest {
  text: RequestText
  terms: AnswerTerms
}

/** All requests of a lane are the same. */
function buildOwn(lane: Lane, keepsAlive: boolean, plan: RouteSource): (seq: number) => RoutedRequest {
  const content = getLaneContent(lane, plan)
  const terms = createPlainTerms(content.method === 'HEAD')
  const request = { text: buildRequestText(lane, keepsAlive, content, plan), terms }
  return () => request
}

/** The number of a request decides which one of the list it is. */
function buildListed(lane: Lane, plan: RouteSource, terms: readonly AnswerTerms[]): (seq: number) => RoutedRequest {
  const listed = plan.listed ?? []
  const texts = listed.map((content) => buildRequestText(lane, keepsAliveByLane[lane], content, plan))
  const choose = createRequestChooser(plan.seed, listed)
  return (seq) => {
    const place = choose(seq)
    return { text: texts[place]!, terms: terms[place]! }
  }
}
