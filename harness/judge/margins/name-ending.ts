/** What ended a container of a leaving pod, in one word. */
import type { ContainerTimeline, PodTimeline } from '../../model/result.ts'

type ContainerMoments = ContainerTimeline['moments']

/** Maximum delay of the news of a deletion after the kubelet's actions. */
export const newsLagUs = 2_000_000
/** An effect of a signal may be recorded this much before the signal. */
const coincidenceUs = 20_000

/** `TERM`, `KILL`; `nginx quits` for a server that ended without a signal of its kubelet; `null` if unknown. */
export function nameEnding(pod: PodTimeline, name: string): string | null {
  return nameStop(listStopMoments(pod, name), name)
}

/** The same, by what had been done to it up to an instant. */
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
  // A server's line also reports signals that its hook sent.
  const noted = moments.find(({ moment, detail }) => moment === 'signal' && trimSignal(detail) === 'TERM')
  const signal = trimSignal((sent ?? noted)?.detail ?? null)
  if (signal !== null) return signal
  return moments.some(({ moment }) => moment === 'exited' || moment === 'signal') ? `${name} quits` : null
}

/** `TERM` from `SIGTERM`. */
function trimSignal(signal: string | null): string | null {
  return signal?.replace(/^SIG/, '') ?? null
}
