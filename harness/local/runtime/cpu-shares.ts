/**
 * Processor time by weight. Where there are cgroups a container with a CPU request gets its share even when its neighbours want
 * all; here it goes before them in the scheduler instead. Where sessions are scheduled as groups, niceness only counts within
 * one (sched(7), "The autogroup feature"), so container-setup.sh gives it to the session as well.
 */

/** Of a container that asks for no processor time (MilliCPUToShares in Kubernetes' pkg/kubelet/cm/helpers_linux.go). */
const leastShares = 2
/** Each step of niceness is a factor of 1.25 in weight (sched(7), "The nice value"). */
const step = 1.25
/** Beyond it, a container that spins would keep the cluster itself from its work. */
const mostSteps = 10

export function niceOf(shares: number): number {
  const steps = Math.round(Math.log(Math.max(shares, leastShares) / leastShares) / Math.log(step))
  return -Math.min(mostSteps, steps)
}
