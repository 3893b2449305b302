/** When an episode is over: the workload has come to rest, and traffic has been without a loss since. */
import type { Clock } from '../../base/clock.ts'
import { getErrorMessage } from '../../base/fault.ts'
import { pause } from '../../base/polling.ts'
import { waitUntilTargetAtRest } from '../disrupt/settle-target.ts'
import type { TargetRestOptions } from '../disrupt/settle-target.ts'
import type { Episode } from './episode.ts'

export interface SettleEpisodeOptions extends TargetRestOptions {
  clock: Clock
  afterMs: number
  /** How often pods came, went or restarted so far. */
  countChanges: () => number
}

/** As in a run: a workload that goes on losing requests is waited for so many times as long, at most. */
const longestQuiet = 3
const lookMs = 100
const retryMs = 1_000

/**
 * Resolves with the instant at which it came to rest, once it has been so for a while. Rejects when that takes longer than the limit, and
 * with the signal's reason.
 */
export async function waitUntilEpisodeOver(
  episode: Pick<Episode, 'disruptUs' | 'lastLossUs'>,
  options: SettleEpisodeOptions,
): Promise<number> {
  const { clock, countChanges, signal } = options
  const deadlineUs = episode.disruptUs + options.limitMs * 1000
  for (;;) {
    await waitUntilAtRest(options, deadlineUs)
    const changes = countChanges()
    const goneUs = clock.now()
    await waitUntilQuiet(episode, goneUs, options)
    signal.throwIfAborted()
    if (countChanges() === changes) return goneUs
    if (clock.now() >= deadlineUs) throw createLimitError(options, 'its pods went on to change')
  }
}

/** An API server that does not answer for a while is asked again: the watch goes on for longer than that. */
async function waitUntilAtRest(options: SettleEpisodeOptions, deadlineUs: number): Promise<void> {
  const { clock, signal } = options
  for (;;) {
    const leftMs = Math.ceil((deadlineUs - clock.now()) / 1000)
    try {
      return await waitUntilTargetAtRest({ ...options, limitMs: leftMs })
    } catch (error) {
      signal.throwIfAborted()
      if (clock.now() >= deadlineUs) {
        const last = /last seen: (.*)$/.exec(getErrorMessage(error))?.[1] ?? getErrorMessage(error)
        throw createLimitError(options, last, error)
      }
    }
    await pause(retryMs, signal)
  }
}

function createLimitError({ limitMs }: SettleEpisodeOptions, last: string, cause?: unknown): Error {
  return new Error(`the workload had not come to rest after ${limitMs / 1000} s: ${last}`, { cause })
}

async function waitUntilQuiet(
  episode: Pick<Episode, 'lastLossUs'>,
  fromUs: number,
  { clock, afterMs, signal }: SettleEpisodeOptions,
): Promise<void> {
  const limitUs = fromUs + longestQuiet * afterMs * 1000
  while (!signal.aborted) {
    const untilUs = Math.min(Math.max(fromUs, episode.lastLossUs) + afterMs * 1000, limitUs)
    const leftMs = (untilUs - clock.now()) / 1000
    if (leftMs <= 0) return
    await pause(Math.min(leftMs, lookMs), signal)
  }
}
