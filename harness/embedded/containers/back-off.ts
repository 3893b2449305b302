/** The delay before a container that keeps ending is started again. */
import type { Role } from './container-facts.ts'

const firstMs = 10_000
const longestMs = 300_000
/** A container that ran this long since its last start is started without delay again (twice the longest delay). */
const resetAfterUs = 2 * longestMs * 1000

/**
 * Pod-lifecycle page, "How Pods handle problems with containers": 10 s, 20 s, 40 s … at most 300 s, reset after ten
 * minutes without trouble. The very first restart is immediate: the kubelet finds no entry to back off from (doBackOff).
 */
export class BackOff {
  #delayMs = 0
  #startedUs = 0

  /** The delay, from the end at `endedUs`, before the next start. */
  delayMs(endedUs: number): number {
    return endedUs - this.#startedUs > resetAfterUs ? 0 : this.#delayMs
  }

  /** Call it at each restart: the next one waits longer. */
  recordRestart(endedUs: number, atUs: number): void {
    const delayMs = this.delayMs(endedUs)
    this.#delayMs = delayMs === 0 ? firstMs : Math.min(longestMs, delayMs * 2)
    this.#startedUs = atUs
  }
}

/** KEP-753: a sidecar is restarted whatever the pod's policy; an init container that has succeeded never is. */
export function shouldRestart(role: Role, restartPolicy: string | undefined, exitCode: number): boolean {
  const policy = restartPolicy ?? 'Always'
  if (role === 'sidecar') return true
  if (policy === 'Never') return false
  return exitCode !== 0 || (role === 'main' && policy === 'Always')
}

/** `10s`, `1m20s`, `5m0s`: as Go prints a duration. */
export function formatGoDuration(ms: number): string {
  const seconds = ms / 1000
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
