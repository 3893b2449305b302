/** Until when a leaving pod answered new connections: its server's own word, what was done to it, or what clients saw. */
import type { PodTimeline } from '../../model/result.ts'
import { isClaim } from '../pods/certainty.ts'
import { newsLagUs } from './name-ending.ts'

type LeavingPod = Pick<PodTimeline, 'containers' | 'goneUs'> & { deletionUs: number }
type ContainerMoments = PodTimeline['containers'][number]['moments']

/** What clients saw of new connections to it. */
interface SeenConnections {
  /** When the last one was made on which it answered. */
  lastAnsweredUs: number | null
  /** When it refused one, ascending. */
  refusedUs: readonly number[]
}

interface AnsweringEnd {
  atUs: number
  errorUs: number
  /** It may have answered for longer. */
  atLeast: boolean
}

/** A server's log and a client's clock agree to within this. */
const slackUs = 50_000
/** An end that can only be told to be within a span is in its middle, of one that is no longer than this. */
const maxSpanUs = 500_000

/**
 * `null` where nobody tells. A server that says itself when it stopped is believed, unless it answered afterwards. Else it stopped between
 * its signal, or the last connection that it answered, and the first that it refused, or its exit. A server may drain for long after its
 * signal, and some accept all the while: then it answered until its signal at the least.
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
  // Nothing had been done to it before its deletion, nor, as far as is known, before its signal.
  const earliestUs = Math.min(Math.max(answeredUs, signal?.atUs ?? pod.deletionUs), latestUs)
  const errorUs = (latestUs - earliestUs) / 2
  if (2 * errorUs <= maxSpanUs) return { atUs: Math.round(earliestUs + errorUs), errorUs, atLeast: false }
  return signal ? { atUs: earliestUs, errorUs: signal.errorUs, atLeast: true } : null
}

/** Exact moments of the front container since it was started last, from about the deletion on. */
function listLastMoments({ containers, deletionUs }: LeavingPod, front: string): ContainerMoments {
  const moments = containers.find(({ name }) => name === front)?.moments ?? []
  const started = moments.findLastIndex(({ moment }) => moment === 'started')
  return moments.slice(started + 1).filter((told) => !isClaim(told) && told.atUs >= deletionUs - newsLagUs)
}
