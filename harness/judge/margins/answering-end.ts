/** Until when a leaving pod answered new connections: by its server's log, by what was done to it, or by what clients saw. */
import type { PodTimeline } from '../../model/result.ts'
import { isClaim } from '../pods/certainty.ts'
import { newsLagUs } from './name-ending.ts'

type LeavingPod = Pick<PodTimeline, 'containers' | 'goneUs'> & { deletionUs: number }
type ContainerMoments = PodTimeline['containers'][number]['moments']

/** What clients saw of new connections to a pod. */
interface SeenConnections {
  /** When the last one that it answered was made. */
  lastAnsweredUs: number | null
  /** When it refused connections, ascending. */
  refusedUs: readonly number[]
}

interface AnsweringEnd {
  atUs: number
  errorUs: number
  /** Whether it may have answered for longer. */
  atLeast: boolean
}

/** Maximum difference between a server's log and a client's clock. */
const slackUs = 50_000
/** If an end is only known to be within a span, its middle is taken, unless the span is longer than this. */
const maxSpanUs = 500_000

/**
 * `null` if unknown. A server's own line about its stop is believed, unless it answered later. Else it stopped between its signal, or its
 * last answered connection, and its first refusal or its exit. Some servers drain for long after the signal and accept meanwhile: those
 * answered at least until the signal.
 */
export function findAnsweringEnd(pod: LeavingPod, front: string, seen: SeenConnections): AnsweringEnd | null {
  const moments = listLastMoments(pod, front)
  const answeredUs = seen.lastAnsweredUs ?? -Infinity
  const closed = moments.find(
    ({ moment, atUs, errorUs }) => moment === 'stopped-accepting' && atUs + errorUs + slackUs >= answeredUs,
  )
  if (closed) return { atUs: closed.atUs, errorUs: closed.errorUs, atLeast: false }
  const latestUs = Math.min(
    seen.refusedUs.find((atUs) => atUs >= Math.max(answeredUs, pod.deletionUs - newsLagUs)) ?? Infinity,
    moments.find(({ moment }) => moment === 'exited')?.atUs ?? Infinity,
    pod.goneUs ?? Infinity,
  )
  const signal = moments.find(({ moment, atUs }) => moment === 'signal' && atUs <= latestUs)
  // Nothing had been done to it before its deletion or, as far as is known, before its signal.
  const earliestUs = Math.min(Math.max(answeredUs, signal?.atUs ?? pod.deletionUs), latestUs)
  const errorUs = (latestUs - earliestUs) / 2
  if (2 * errorUs <= maxSpanUs) return { atUs: Math.round(earliestUs + errorUs), errorUs, atLeast: false }
  return signal ? { atUs: earliestUs, errorUs: signal.errorUs, atLeast: true } : null
}

/** Exact moments of the front container since its last start, from about the deletion on. */
function listLastMoments({ containers, deletionUs }: LeavingPod, front: string): ContainerMoments {
  const moments = containers.find(({ name }) => name === front)?.moments ?? []
  const started = moments.findLastIndex(({ moment }) => moment === 'started')
  return moments.slice(started + 1).filter((told) => !isClaim(told) && told.atUs >= deletionUs - newsLagUs)
}
