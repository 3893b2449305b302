/** When an episode is over: the workload has come to rest, and there was no loss since. */
import type { Clock } from '../../base/clock.ts'
import { pause } from '../../base/polling.ts'
import { explainUnsettledTarget } from '../disrupt/settle-target.ts'
import type { TargetRestOptions } from '../disrupt/settle-target.ts'
import type { Episode } from './episode.ts'

export interface SettleEpisodeOptions extends TargetRestOptions {
  clock: Clock
  afterMs: number
  /** Counts how often pods came, went or restarted so far. */
  countChanges: () => number
}

/** As in a run: limit of the wait for a workload that keeps losing requests, as a multiple of the quiet time. */
const longestQuiet = 3
const lookMs = 100

/**
 * Resolves with the instant at which it came to rest, once it has rested for a while. Rejects when that takes longer than the limit, and
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

async function waitUntilAtRest(options: SettleEpisodeOptions, deadlineUs: number): Promise<void> {
  const { clock, signal } = options
  for (;;) {
    signal.throwIfAborted()
    const unsettled = await explainUnsettledTarget(options)
    if (unsettled === null) return
    if (clock.now() >= deadlineUs) throw createLimitError(options, unsettled)
    await pause(lookMs, signal)
  }
}

function createLimitError({ limitMs }: SettleEpisodeOptions, last: string): Error {
  return new Error(`the workload had not come to rest after ${limitMs / 1000} s: ${last}`)
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
