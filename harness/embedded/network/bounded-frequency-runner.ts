/** Runs a function on request with a minimum interval (pkg/proxy/runner/bounded_frequency_runner.go of Kubernetes 1.34). */
import { setTimeout as sleep } from 'node:timers/promises'

export interface RunnerOptions {
  run: () => Promise<void>
  /** The minimum time from the end of a run to the start of the next; evaluated after each run. */
  minIntervalMs: () => number
  /** After a failed run the next comes within this time. Default: kube-proxy's `syncPeriod`. */
  retryIntervalMs?: number
  onError: (error: Error) => void
}

export interface Runner extends AsyncDisposable {
  /** Requests a run that begins later than now; waiting requests are merged. */
  request(): void
}

/**
 * The first request runs at once, later ones when the interval has passed. With 1 s, requests at 0, 0.3, 0.7 and 5 s run at 0, 1 and 5 s.
 * Until 1.33 two runs could follow each other directly (`burstSyncs`); 1.34 removed that.
 */
export function startBoundedFrequencyRunner(options: RunnerOptions): Runner {
  const { run, minIntervalMs, retryIntervalMs = 30_000, onError } = options
  const stop = new AbortController()
  let asked = Promise.withResolvers<void>()
  let retry: NodeJS.Timeout | undefined

  async function runLoop(): Promise<void> {
    for (;;) {
      await asked.promise
      if (stop.signal.aborted) return
      asked = Promise.withResolvers()
      const succeeded = await tryRun()
      clearTimeout(retry)
      if (!succeeded && !stop.signal.aborted) retry = setTimeout(() => asked.resolve(), retryIntervalMs)
      await sleepUnlessAborted(minIntervalMs(), stop.signal)
    }
  }

  async function tryRun(): Promise<boolean> {
    try {
      await run()
      return true
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)))
      return false
    }
  }

  const looping = runLoop()
  return {
    request: () => asked.resolve(),
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      clearTimeout(retry)
      asked.resolve()
      await looping
    },
  }
}

/** Resolves after this time, or as soon as the signal is aborted. */
export async function sleepUnlessAborted(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch(() => undefined)
}
