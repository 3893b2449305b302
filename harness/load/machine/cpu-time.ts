/**
 * How this machine's cores spent their time: the idle share, and the share that a hypervisor gave to other machines while these cores had
 * work, which no other figure of the machine shows.
 */
import { readFileSync } from 'node:fs'

/** Since boot, in ticks of about 1/100 s. */
export interface CpuTime {
  stolen: number
  /** Ticks with nothing to run; waiting for a disk counts as idle too. */
  idle: number
  all: number
}

const fields = 8
const [idle, iowait, steal] = [3, 4, 7]

/**
 * Of one core or of all together; `null` where the kernel has no figures. Reads the first eight numbers of `cpu` or `cpu<n>` in
 * `/proc/stat` (proc_stat(5)): user, nice, system, idle, iowait, irq, softirq, steal. The guest times that follow are part of user and
 * nice.
 */
export function readCpuTime(core: number | 'all', stat: string = readStat()): CpuTime | null {
  const line = stat.split('\n').find((one) => one.startsWith(`cpu${core === 'all' ? '' : core} `))
  const ticks =
    line
      ?.split(/ +/)
      .slice(1, 1 + fields)
      .map(Number) ?? []
  if (ticks.length < fields || !ticks.every(Number.isFinite)) return null
  const tickAt = (place: number): number => ticks[place] ?? 0
  return { stolen: tickAt(steal), idle: tickAt(idle) + tickAt(iowait), all: ticks.reduce((sum, some) => sum + some, 0) }
}

/** The stolen share between two readings, 0…1. */
export function computeStolenShare(from: CpuTime, to: CpuTime): number {
  return Math.max(0, to.stolen - from.stolen) / Math.max(1, to.all - from.all)
}

/** The idle share between two readings, 0…1. */
export function computeIdleShare(from: CpuTime, to: CpuTime): number {
  return Math.max(0, to.idle - from.idle) / Math.max(1, to.all - from.all)
}

function readStat(): string {
  try {
    return readFileSync('/proc/stat', 'latin1')
  } catch {
    return ''
  }
}
