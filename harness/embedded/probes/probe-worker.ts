/** The timing and the thresholds of one container's probe. */
import { monotonicUs } from '../../base/clock.ts'
import type { Probe } from '../store/objects.ts'
import type { ProbeOutcome } from './probes.ts'
import { sleepUntil } from '../kubelet/timing.ts'

export interface ProbeWorkerOptions {
  probe: Probe
  /** When the container started: initialDelaySeconds counts from here. */
  containerStartedUs: number
  probeOnce: (timeoutMs: number) => Promise<ProbeOutcome>
  /** Every outcome that gets an Event. */
  onTrouble: (outcome: Exclude<ProbeOutcome, { result: 'success' }>) => void
  /** Every time that a threshold is reached. */
  onVerdict: (healthy: boolean) => void
}

/** Probes until `signal` is aborted. The first probe comes as soon as the initial delay allows, then one each period. */
export async function probeUntil(options: ProbeWorkerOptions, signal: AbortSignal): Promise<void> {
  const { probe, containerStartedUs, probeOnce, onTrouble, onVerdict } = options
  const { initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1 } = probe
  const periodUs = periodSeconds * 1e6
  const threshold = new Threshold(probe)
  const firstUs = Math.max(monotonicUs(), containerStartedUs + initialDelaySeconds * 1e6)
  for (let dueUs = firstUs; ;) {
    await sleepUntil(dueUs, signal)
    if (signal.aborted) return
    const outcome = await probeOnce(timeoutSeconds * 1000).catch(() => undefined)
    if (signal.aborted) return
    if (outcome) {
      if (outcome.result !== 'success') onTrouble(outcome)
      const verdict = threshold.add(outcome.result !== 'failure')
      if (verdict !== undefined) onVerdict(verdict)
    }
    // Like a Go ticker: a probe that took longer than a period is followed at once by the next, and the rhythm is kept.
    const beats = Math.floor((monotonicUs() - firstUs) / periodUs)
    dueUs = Math.max(dueUs + periodUs, firstUs + beats * periodUs)
  }
}

/** Counts outcomes of one kind in a row (worker.go, `resultRun`). */
export class Threshold {
  readonly #success: number
  readonly #failure: number
  #last: boolean | undefined
  #run = 0

  constructor({ successThreshold = 1, failureThreshold = 3 }: Pick<Probe, 'successThreshold' | 'failureThreshold'>) {
    this.#success = successThreshold
    this.#failure = failureThreshold
  }

  /** The verdict once enough outcomes agree; undefined leaves the state as it was. */
  add(healthy: boolean): boolean | undefined {
    this.#run = this.#last === healthy ? this.#run + 1 : 1
    this.#last = healthy
    return this.#run >= (healthy ? this.#success : this.#failure) ? healthy : undefined
  }
}
