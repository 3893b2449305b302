/**
 * Processor time by weight. With cgroups a container with a CPU request gets its share even when its neighbours are busy; here it gets
 * priority in the scheduler instead. If sessions are scheduled as groups, niceness only matters within one (sched(7), "The autogroup
 * feature"), so it is set for the session too.
 */
import { writeFile } from 'node:fs/promises'
import { getPriority, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** The weight of a container without a CPU request (MilliCPUToShares in Kubernetes' pkg/kubelet/cm/helpers_linux.go). */
const leastShares = 2
/** Each step of niceness is a factor of 1.25 in weight (sched(7), "The nice value"). */
const step = 1.25
/** With more steps a spinning container would block the cluster itself. */
const maxSteps = 10
const maxNiceness = 19

/** This process's permissions for priorities. */
export interface Priorities {
  /** Its own niceness. */
  own: number
  /** Whether it may raise its children's priority: as root, or as a user whose limit `nice` allows it (setrlimit(2), RLIMIT_NICE). */
  mayRaise: boolean
}

/** By trying, because limits, capabilities and user namespaces all matter. */
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

/** Containers with larger requests get a lower niceness. If it cannot be lowered, that of the others is raised. */
export function computeNiceness(shares: number, { own, mayRaise }: Priorities): number {
  const wanted = Math.round(Math.log(Math.max(shares, leastShares) / leastShares) / Math.log(step))
  const steps = Math.min(maxSteps, wanted)
  return mayRaise ? 0 - steps : Math.min(maxNiceness, own + maxSteps - steps)
}

/** The kernel accepts one such change per 100 ms from unprivileged users (EAGAIN, kernel/sched/autogroup.c). */
const changeIntervalMs = 110
const attempts = 10

/** Sets the niceness of sessions, one after another. */
export class SessionPriorities {
  #last: Promise<void> = Promise.resolve()

  /** For the session of a process in this pid namespace. Returns at once; without autogroups it has no effect. */
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
