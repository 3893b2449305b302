/**
 * What this machine's cores did with their time: how much of it was nobody's, and what a hypervisor gave to others while they had work,
 * of which nothing else on the machine tells.
 */
import { readFileSync } from 'node:fs'

/** Since the machine began, in ticks of some 1/100 s. */
export interface CpuTime {
  stolen: number
  /** Without anything to run; waiting for a disk is no work of theirs either. */
  idle: number
  all: number
}

const fields = 8
const [idle, iowait, steal] = [3, 4, 7]

/**
 * Of one core, or of all together; `null` where the kernel does not tell. The first eight numbers of `cpu` or `cpu<n>` in
 * `/proc/stat` (proc_stat(5)): user, nice, system, idle, iowait, irq, softirq, steal; what guests used, which follows, is in the others already.
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

/** The part that was stolen between two readings, 0…1. */
export function computeStolenShare(from: CpuTime, to: CpuTime): number {
  return Math.max(0, to.stolen - from.stolen) / Math.max(1, to.all - from.all)
}

/** The part that nobody used between two readings, 0…1. */
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
