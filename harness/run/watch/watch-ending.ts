/** When and why a watch, or the load of one of its drivers, ends. */
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { pause } from '../../base/polling.ts'
import type { WatchEnding } from '../../model/watch/watch-session.ts'

export interface WatchEndOptions {
  /** Aborts on an interrupt, and when the cluster is lost. */
  signal: AbortSignal
  /** Aborts when a log cannot be written. */
  failure: AbortController
  /** Resolves when the requested number of episodes is reached. */
  over: Promise<WatchEnding>
  traffic: { readonly isInEpisode: boolean; openNoMore: () => void }
  load: { readonly failed: AbortSignal }
  leftMs: number
}

const lookMs = 100

/** Resolves with how it ends; an open episode may then have to be given up. */
export async function waitUntilOver(options: WatchEndOptions): Promise<WatchEnding> {
  const { signal, failure, over, traffic, load, leftMs } = options
  const stop = new AbortController()
  const any = AbortSignal.any([signal, failure.signal, load.failed])
  const aborted = Promise.withResolvers<WatchEnding>()
  const tellAborted = (): void => aborted.resolve(describeAbort(any.reason))
  any.addEventListener('abort', tellAborted, { once: true })
  if (any.aborted) tellAborted()
  try {
    return await Promise.race([over, aborted.promise, waitForTime(leftMs, traffic, stop.signal)])
  } finally {
    stop.abort()
  }
}

/** Watches an open episode to its end, but begins no further one: there might be no end to it. */
async function waitForTime(
  leftMs: number,
  traffic: WatchEndOptions['traffic'],
  signal: AbortSignal,
): Promise<WatchEnding> {
  await pause(Math.max(0, leftMs), signal)
  if (!signal.aborted) traffic.openNoMore()
  while (traffic.isInEpisode && !signal.aborted) await pause(lookMs, signal)
  return { why: 'limit', detail: null }
}

export function describeAbort(reason: unknown): WatchEnding {
  // The first error counts; cleaning up then failed too.
  if (reason instanceof SuppressedError) return describeAbort(reason.suppressed)
  if (reason instanceof Fault && reason.kind === 'interrupted') return { why: 'interrupted', detail: null }
  return { why: 'broken', detail: getErrorMessage(reason) }
}
