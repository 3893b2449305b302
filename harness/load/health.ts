/** How well the driver keeps up with itself, over the time since it was last asked. */
import { readFileSync } from 'node:fs'
import { monotonicUs } from '../clock.ts'
import type { DriverHealth } from '../model/record.ts'
import type { Engine } from './engine.ts'
import { coreTime, stolenShare } from './stolen-time.ts'
import type { CoreTime } from './stolen-time.ts'

const beatMs = 10
/** Stolen time is counted in ticks of some 10 ms, and asking for it takes longer than anything else here. */
const theftUs = 1_000_000

export class HealthMonitor {
  #beatUs: number = monotonicUs()
  #delayMaxUs = 0
  #sinceUs: number = monotonicUs()
  #cpu: NodeJS.CpuUsage = process.cpuUsage()
  #waitedUs: number | null = waitedUs()
  #theft: { us: number; time: CoreTime | null; share: number | null } = {
    us: monotonicUs(),
    time: coreTime('all'),
    share: null,
  }
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => this.#beat(), beatMs)
    this.#timer.unref()
  }

  #beat(): void {
    const nowUs = monotonicUs()
    // A timer may be late by one step of its own clock without anything having held the loop up.
    this.#delayMaxUs = Math.max(this.#delayMaxUs, nowUs - this.#beatUs - beatMs * 1000 - 1000)
    this.#beatUs = nowUs
  }

  read(driver: Engine): DriverHealth {
    const nowUs = monotonicUs()
    const { user, system } = process.cpuUsage(this.#cpu)
    const lastWaitedUs = this.#waitedUs
    this.#waitedUs = waitedUs()
    const stolen = this.#stolen(nowUs)
    const share = (us: number): number => Math.min(1, us / Math.max(1, nowUs - this.#sinceUs))
    const health: DriverHealth = {
      planned: driver.planned,
      settled: driver.ledger.settled,
      inFlight: driver.inFlight,
      loopDelayMaxUs: this.#delayMaxUs,
      cpuShare: share(user + system),
      ...(this.#waitedUs !== null && lastWaitedUs !== null && { waitShare: share(this.#waitedUs - lastWaitedUs) }),
      ...(stolen !== null && { stolenShare: stolen }),
    }
    this.#delayMaxUs = 0
    this.#sinceUs = nowUs
    this.#cpu = process.cpuUsage()
    return health
  }

  #stolen(nowUs: number): number | null {
    const { us, time } = this.#theft
    if (nowUs - us >= theftUs) {
      const now = coreTime('all')
      this.#theft = { us: nowUs, time: now, share: now && time && stolenShare(time, now) }
    }
    return this.#theft.share
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

/**
 * How long this thread has waited for a core since it began (Linux, Documentation/scheduler/sched-stats.rst: the second
 * number of /proc/<pid>/schedstat, ns); `null` where the kernel keeps no such account.
 */
function waitedUs(): number | null {
  try {
    const waitedNs = Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1])
    return Number.isFinite(waitedNs) ? waitedNs / 1000 : null
  } catch {
    return null
  }
}
