/**
 * Processor time by weight. Where there are cgroups a container with a CPU request gets its share even when its neighbours want
 * all; here it goes before them in the scheduler instead. Where sessions are scheduled as groups, niceness only counts within
 * one (sched(7), "The autogroup feature"), so the session gets it as well.
 */
import { writeFile } from 'node:fs/promises'
import { getPriority, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** Of a container that asks for no processor time (MilliCPUToShares in Kubernetes' pkg/kubelet/cm/helpers_linux.go). */
const leastShares = 2
/** Each step of niceness is a factor of 1.25 in weight (sched(7), "The nice value"). */
const step = 1.25
/** Beyond it, a container that spins would keep the cluster itself from its work. */
const maxSteps = 10
const maxNiceness = 19

/** What this process may do about priorities. */
export interface Priorities {
  /** Its own niceness. */
  own: number
  /** Whether it may have children go before everything else: root, or a user whose limit `nice` allows it (setrlimit(2), RLIMIT_NICE). */
  mayRaise: boolean
}

/** By trying: limits, capabilities and user namespaces decide together. */
export function readPriorities(): Priorities {
  const own = getPriority()
  try {
    setPriority(-maxSteps)
    setPriority(own)
    return { own, mayRaise: true }
  } catch {
    return { own, mayRaise: false }
  }
}

/** Containers with larger requests get a lower niceness. Where it cannot be lowered, that of the others is raised. */
export function computeNiceness(shares: number, { own, mayRaise }: Priorities): number {
  const wanted = Math.round(Math.log(Math.max(shares, leastShares) / leastShares) / Math.log(step))
  const steps = Math.min(maxSteps, wanted)
  return mayRaise ? 0 - steps : Math.min(maxNiceness, own + maxSteps - steps)
}

/** The kernel accepts one such change per 100 ms from unprivileged users (EAGAIN, kernel/sched/autogroup.c). */
const changeIntervalMs = 110
const attempts = 10

/** Gives sessions their niceness, one after the other. */
export class SessionPriorities {
  #last: Promise<void> = Promise.resolve()

  /** Of the session of a process in this pid namespace. Returns at once; where there are no autogroups nothing comes of it. */
  setNiceness(pid: number, nice: number): void {
    this.#last = this.#last.then(() => setAutogroupPriority(pid, nice))
  }
}

async function setAutogroupPriority(pid: number, nice: number): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      return await writeFile(`/proc/${pid}/autogroup`, String(nice))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      await sleep(changeIntervalMs)
    }
  }
}
