/** The lines of servers' logs around lost requests. */
import type { Loss } from '../../model/result.ts'
import type { AccessLogExcerpt } from '../../model/server-logs.ts'
import { parseRequestKey } from '../facts/request-key.ts'
import { findFirstAtOrAfter } from '../figures/sorted.ts'
import type { ServedTable } from './served-table.ts'

const linesEachSide = 3
/** Lines that are further away than this explain nothing. */
const reachUs = 5_000_000

/** From the pods that lost requests, as far as these are known, in the order of their logs. */
export function excerptLogs(losses: readonly Loss[], served: ServedTable): AccessLogExcerpt[] {
  const instants = groupInstants(losses)
  const indices = groupIndices(served, (pod) => instants.has(pod))
  return [...indices].map(([{ pod, container, errorUs }, own]) => {
    const lines = own.map((index) => ({ index, atUs: served.at(index) })).sort((a, b) => a.atUs - b.atUs)
    const chosen = chooseLinesAround(lines, instants.get(pod) ?? [])
    return {
      pod,
      container,
      errorUs,
      lines: chosen.map(({ index, atUs }) => {
        const { tookUs, status } = served.line(index)
        return { ...parseRequestKey(served.key(index)), atUs, tookUs, status }
      }),
    }
  })
}

/** The lines around any of these losses. */
export function narrowExcerpts(excerpts: readonly AccessLogExcerpt[], losses: readonly Loss[]): AccessLogExcerpt[] {
  const instants = groupInstants(losses)
  return excerpts.flatMap((excerpt) => {
    const lines = chooseLinesAround(excerpt.lines, instants.get(excerpt.pod) ?? [])
    return lines.length === 0 ? [] : [{ ...excerpt, lines }]
  })
}

/** Of lines in order of time, up to three on either side of each instant, at most 5 s away. */
function chooseLinesAround<Line extends { atUs: number }>(lines: readonly Line[], instants: readonly number[]): Line[] {
  const times = Float64Array.from(lines, ({ atUs }) => atUs)
  const chosen = new Set<number>()
  for (const atUs of instants) {
    const next = findFirstAtOrAfter(times, atUs)
    for (let place = next - linesEachSide; place < next + linesEachSide; place++) {
      const time = times[place]
      if (time !== undefined && Math.abs(time - atUs) <= reachUs) chosen.add(place)
    }
  }
  return lines.filter((_, place) => chosen.has(place))
}

function groupInstants(losses: readonly Loss[]): Map<string, number[]> {
  const instants = new Map<string, number[]>()
  for (const { pod, lostUs } of losses) {
    if (pod === null) continue
    const own = instants.get(pod)
    if (own === undefined) instants.set(pod, [lostUs])
    else own.push(lostUs)
  }
  return instants
}

function groupIndices(
  served: ServedTable,
  keep: (pod: string) => boolean,
): Map<ServedTable['places'][number], number[]> {
  const indices = new Map(served.places.filter(({ pod }) => keep(pod)).map((place) => [place, [] as number[]]))
  for (let index = 0; index < served.size; index++) indices.get(served.place(index))?.push(index)
  return indices
}
