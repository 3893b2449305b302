/** What ended a container of a leaving pod, in a word. */
import type { ContainerTimeline, PodTimeline } from '../../model/result.ts'

type ContainerMoments = ContainerTimeline['moments']

/** The news of a deletion may come so much later than what the kubelet does. */
export const newsLagUs = 2_000_000
/** What a signal brings about is seen up to so much before it is told. */
const coincidenceUs = 20_000

/** `TERM`, `KILL`; `nginx quits` of one that ended without a signal of its kubelet; `null` where nobody tells. */
export function nameEnding(pod: PodTimeline, name: string): string | null {
  return nameStop(listStopMoments(pod, name), name)
}

/** The same of what had been done to it by an instant. */
export function nameEndingBy(pod: PodTimeline, name: string, atUs: number): string | null {
  const moments = listStopMoments(pod, name).filter((told) => told.atUs - told.errorUs <= atUs + coincidenceUs)
  return nameStop(moments, name)
}

function listStopMoments({ containers, deletionUs }: PodTimeline, name: string): ContainerMoments {
  const all = containers.find((container) => container.name === name)?.moments ?? []
  return all.filter(({ atUs, errorUs }) => atUs + errorUs >= (deletionUs ?? -Infinity) - newsLagUs)
}

function nameStop(moments: ContainerMoments, name: string): string | null {
  const sent = moments.findLast(({ moment, source }) => moment === 'signal' && source !== 'log')
  // A server's own line tells of its hook's signals as well.
  const noted = moments.find(({ moment, detail }) => moment === 'signal' && trimSignal(detail) === 'TERM')
  const signal = trimSignal((sent ?? noted)?.detail ?? null)
  if (signal !== null) return signal
  return moments.some(({ moment }) => moment === 'exited' || moment === 'signal') ? `${name} quits` : null
}

/** `TERM` of `SIGTERM`. */
function trimSignal(signal: string | null): string | null {
  return signal?.replace(/^SIG/, '') ?? null
}
