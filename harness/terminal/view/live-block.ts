/** The present state of a run, in five lines. */
import { formatCount, formatDuration } from '../../base/figures.ts'
import type { ExpectedTime } from '../../measure/progress.ts'
import { podStates } from '../live.ts'
import type { LiveRun } from '../live.ts'
import { withStyle } from '../text.ts'
import type { Line } from '../text.ts'
import { drawSparkline } from './sparkline.ts'

export interface LiveView {
  title: string
  live: LiveRun
  elapsedMs: number
  /** Undefined if unknown. */
  expected: ExpectedTime | undefined
  columns: number
}

/** The first lines are the most important: a low screen shows only them. */
export function formatLiveRun({ title, live, elapsedMs, expected, columns }: LiveView): Line[] {
  const lost = `${formatCount(live.lost)} lost`
  const kinds = live.lost > 0 ? ` (${live.losses})` : ''
  const head = 'lost each second '
  return [
    `▸ ${title}: ${live.phase}`,
    [
      `  ${formatCount(live.rate)} requests/s · p99 ${formatDuration(live.p99Us)} · ${formatCount(live.settled)} sent · `,
      live.lost > 0 ? withStyle('red', lost + kinds) : lost,
    ],
    `  ${formatTime(elapsedMs, expected)}`,
    `  ${formatPods(live)}`,
    ['  ', head, withStyle('red', drawSparkline(live.lostBySecond, columns - head.length - 2))],
  ]
}

/** `12 s, about 15 s left (2 min 10 s for all runs)`. */
function formatTime(elapsedMs: number, expected: ExpectedTime | undefined): string {
  const elapsed = formatSeconds(elapsedMs)
  if (expected === undefined) return elapsed
  const leftMs = expected.runMs - elapsedMs
  const left = leftMs < 1_000 ? 'longer than expected' : `about ${formatSeconds(leftMs)} left`
  const all = expected.laterMs > 0 ? ` (${formatSeconds(Math.max(0, leftMs) + expected.laterMs)} for all runs)` : ''
  return `${elapsed}, ${left}${all}`
}

function formatSeconds(ms: number): string {
  return ms < 1_000 ? '0 s' : formatDuration(Math.floor(ms / 1_000) * 1_000_000)
}

function formatPods({ pods }: LiveRun): string {
  const counts = podStates.filter((state) => pods[state] > 0).map((state) => `${pods[state]} ${state}`)
  return `pods: ${counts.join(', ') || 'none yet'}`
}

/** The ratio of actual to expected durations, by which later ones are estimated. */
export class Pace {
  #tookMs = 0
  #expectedMs = 0

  addRun(tookMs: number, { runMs }: ExpectedTime): void {
    this.#tookMs += tookMs
    this.#expectedMs += runMs
  }

  adjust({ runMs, laterMs }: ExpectedTime): ExpectedTime {
    const factor = this.#expectedMs > 0 ? this.#tookMs / this.#expectedMs : 1
    return { runMs: runMs * factor, laterMs: laterMs * factor }
  }
}
