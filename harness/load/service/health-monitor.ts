/**
 * Whether the driver keeps up with its load. Reading the kernel's figures takes longer than sending several requests, so they are read at
 * most ten times a second, however often they are requested.
 */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { monotonicUs } from '../../base/clock.ts'
import type { DriverHealth } from '../../model/record.ts'
import type { Accounting } from '../driver/accounting.ts'
import { readCpuTime, computeIdleShare, computeStolenShare } from '../machine/cpu-time.ts'
import type { CpuTime } from '../machine/cpu-time.ts'

const beatMs = 10
const sharesUs = 100_000
/** Not more often: the cores' time is counted in ticks of about 10 ms, and for this file the kernel sums up every interrupt. */
const machineUs = 1_000_000

type Shares = Pick<DriverHealth, 'cpuShare' | 'waitShare'>

export class HealthMonitor {
  #beatUs: number = monotonicUs()
  #delayMaxUs = 0
  #shares: Shares = { cpuShare: 0 }
  #sinceUs: number = monotonicUs()
  #cpu: NodeJS.CpuUsage = process.cpuUsage()
  #waitedUs: number | null = readWaitedUs()
  #machineUs: number = monotonicUs()
  #coreTime: CpuTime | null = readCpuTime('all')
  /** Of the machine's cores; empty where the kernel has no figures. */
  #machine: Pick<DriverHealth, 'stolenShare' | 'idleShare'> = {}
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => this.#beat(), beatMs)
    this.#timer.unref()
  }

  #beat(): void {
    const nowUs = monotonicUs()
    // A timer may be late by one step of its own clock although nothing held the loop up.
    this.#delayMaxUs = Math.max(this.#delayMaxUs, nowUs - this.#beatUs - beatMs * 1000 - 1000)
    this.#beatUs = nowUs
  }

  read(accounting: Accounting): DriverHealth {
    const nowUs = monotonicUs()
    if (nowUs - this.#sinceUs >= sharesUs) this.#shares = this.#sharesUntil(nowUs)
    if (nowUs - this.#machineUs >= machineUs) void this.#askMachine(nowUs)
    const health: DriverHealth = {
      planned: accounting.planned,
      settled: accounting.records.settled,
      inFlight: accounting.inFlight,
      loopDelayMaxUs: this.#delayMaxUs,
      ...this.#shares,
      ...this.#machine,
    }
    this.#delayMaxUs = 0
    return health
  }

  #sharesUntil(nowUs: number): Shares {
    const computeShare = (us: number): number => Math.min(1, us / (nowUs - this.#sinceUs))
    const { user, system } = process.cpuUsage(this.#cpu)
    const lastWaitedUs = this.#waitedUs
    this.#waitedUs = readWaitedUs()
    const shares: Shares = {
      cpuShare: computeShare(user + system),
      ...(this.#waitedUs !== null &&
        lastWaitedUs !== null && { waitShare: computeShare(this.#waitedUs - lastWaitedUs) }),
    }
    this.#sinceUs = nowUs
    this.#cpu = process.cpuUsage()
    return shares
  }

  /** Its result is returned by later calls. */
  async #askMachine(nowUs: number): Promise<void> {
    this.#machineUs = nowUs
    const now = readCpuTime('all', await readFile('/proc/stat', 'latin1').catch(() => ''))
    const from = this.#coreTime
    this.#machine =
      now && from ? { stolenShare: computeStolenShare(from, now), idleShare: computeIdleShare(from, now) } : {}
    this.#coreTime = now
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

/**
 * How long this thread has waited for a core since it began (Linux, Documentation/scheduler/sched-stats.rst: the second number of
 * /proc/<pid>/schedstat, ns); `null` where the kernel does not count it.
 */
function readWaitedUs(): number | null {
  try {
    const waitedNs = Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1])
    return Number.isFinite(waitedNs) ? waitedNs / 1000 : null
  } catch {
    return null
  }
}
