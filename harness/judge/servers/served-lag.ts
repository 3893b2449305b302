/** Compares the time at which clients got answers with the time of the servers' lines. */
import type { PodAccessLogEntry } from '../../model/server-logs.ts'
import type { Evidence } from '../facts/evidence.ts'

/** Maximum number of lines that are compared, evenly over the run. */
const maxSamples = 2_000
/** With fewer lines of a container their median says little. */
const minSamples = 10

/**
 * For one container, the client's end minus the server's line, in µs, and the error of its lines. If lines come before the answers: the
 * median. If they come after them: the value that all but one in twenty exceed, because a log that is written in batches has some lines in
 * time.
 */
export interface ServedLag {
  pod: string
  container: string
  us: number
  errorUs: number
  /** The median of the server's duration of a request minus the client's wait, in µs: negative if both are right. */
  longerUs: number
}

/** For every container with enough lines about requests that were answered well. */
export function computeServedLags({ requests, served }: Evidence): ServedLag[] {
  const step = Math.max(1, Math.floor(served.size / maxSamples))
  const lines = new Map<number, PodAccessLogEntry[]>()
  for (let index = 0; index < served.size; index += step) {
    const line = served.line(index)
    if (line.status >= 400) continue
    const own = lines.get(served.key(index))
    if (own === undefined) lines.set(served.key(index), [line])
    else own.push(line)
  }
  const places = new Map<string, { line: PodAccessLogEntry; lags: number[]; longer: number[] }>()
  for (const [index, key] of requests.keys().entries()) {
    if (!requests.isOk(index)) continue
    for (const line of lines.get(key) ?? []) {
      const name = JSON.stringify([line.pod, line.container])
      const place = places.get(name) ?? { line, lags: [], longer: [] }
      places.set(name, place)
      place.lags.push(requests.settledUs(index) - line.atUs)
      place.longer.push(line.tookUs - (requests.settledUs(index) - requests.sentUs(index)))
    }
  }
  return [...places.values()].flatMap(({ line: { pod, container, errorUs }, lags, longer }): ServedLag[] =>
    lags.length < minSamples
      ? []
      : [{ pod, container, us: estimateOffset(lags), errorUs, longerUs: computeMedian(longer) }],
  )
}

function estimateOffset(lags: number[]): number {
  const middle = computeMedian(lags)
  return middle > 0 ? middle : Math.min(0, lags[Math.floor(0.95 * (lags.length - 1))] ?? 0)
}

/** The median of the values, which it sorts. */
function computeMedian(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0
}
