/**
 * Processor time by weight. Where there are cgroups a container with a CPU request gets its share even when its neighbours want
 * all; here it goes before them in the scheduler instead, which only a root of the machine may arrange.
 */
import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Of a container that asks for no processor time (MilliCPUToShares in Kubernetes' pkg/kubelet/cm/helpers_linux.go). */
const leastShares = 2
/** Each step of niceness is a factor of 1.25 in weight (sched(7), "The nice value"). */
const step = 1.25
/** Beyond it, a container that spins would keep the cluster itself from its work. */
const mostSteps = 10

function niceOf(shares: number): number {
  const steps = Math.round(Math.log(Math.max(shares, leastShares) / leastShares) / Math.log(step))
  // Not the negative of it: Node ends itself when it is given -0 as a priority.
  return 0 - Math.min(mostSteps, steps)
}

/** Ranks a process and what it will start. */
export function giveShares(pid: number, shares: number): void {
  attempt(() => setPriority(pid, niceOf(shares)))
}

/** Where sessions are scheduled as groups, niceness only counts within one: ranks the group (sched(7), "The autogroup feature"). */
export function giveSessionShares(pid: number, shares: number): void {
  attempt(() => writeFileSync(`/proc/${pid}/autogroup`, String(niceOf(shares))))
}

/** Without root, without that feature, or when the process has ended, it runs as the others do. */
function attempt(rank: () => void): void {
  try {
    rank()
  } catch {
    // See above.
  }
}
