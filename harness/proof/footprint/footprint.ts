/** Memory and descriptors of a running nodrop on the embedded cluster, by process. Linux only: from /proc. */
import { readFileSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'

export const programs = ['harness', 'API', 'driver'] as const
export type Program = (typeof programs)[number]

export interface ProcessUsage {
  /** Resident memory. */
  bytes: number
  /** Open file descriptors. */
  descriptors: number
}
export type Footprint = Record<Program, ProcessUsage>

/** The present values of the harness with that process number and its children; empty for a program that does not run. */
export function measureFootprint(harness: number): Footprint {
  const own = listDescendants(harness)
  // The program that isolates the cluster has the same arguments after its own.
  const running = (script: string): number[] =>
    own.filter((pid) => {
      const [program = '', first = ''] = readText(`/proc/${pid}/cmdline`).split('\0')
      return basename(program) === 'node' && first.endsWith(script)
    })
  return {
    harness: sumUsage([harness]),
    API: sumUsage(running('/embedded/main.ts')),
    driver: sumUsage(running('/driver/driver.mjs')),
  }
}

function sumUsage(pids: readonly number[]): ProcessUsage {
  const all = pids.map(measureProcess)
  return {
    bytes: all.reduce((total, { bytes }) => total + bytes, 0),
    descriptors: all.reduce((total, { descriptors }) => total + descriptors, 0),
  }
}

function measureProcess(pid: number): ProcessUsage {
  const kiB = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readText(`/proc/${pid}/status`))?.[1] ?? 0)
  return { bytes: kiB * 1024, descriptors: listNames(`/proc/${pid}/fd`).length }
}

function listDescendants(pid: number): number[] {
  const children = listNames(`/proc/${pid}/task`).flatMap((thread) =>
    readText(`/proc/${pid}/task/${thread}/children`).trim().split(' ').filter(Boolean).map(Number),
  )
  return children.flatMap((child) => [child, ...listDescendants(child)])
}

/** Empty for a process that has ended meanwhile. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function listNames(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** The median of each program over the time in which it ran: peaks pass, leaks remain. */
export function takeMedians(samples: readonly Footprint[]): Footprint {
  const takeMedian = (program: Program): ProcessUsage => ({
    bytes: computeMedian(samples.map((sample) => sample[program].bytes)),
    descriptors: computeMedian(samples.map((sample) => sample[program].descriptors)),
  })
  return { harness: takeMedian('harness'), API: takeMedian('API'), driver: takeMedian('driver') }
}

function computeMedian(values: readonly number[]): number {
  const running = values.filter((value) => value > 0).sort((a, b) => a - b)
  return running[Math.floor(running.length / 2)] ?? 0
}

const warmUp = 3
/** For uncollected garbage, and for one request more or less in flight. */
const slack = { share: 0.15, bytes: 16e6, descriptors: 10 }

/** Whether the last rounds take no more than the third did. False with fewer than four rounds, which show nothing. */
export function isFlat(rounds: readonly Footprint[]): boolean {
  const [third, last] = [rounds[warmUp - 1], rounds.slice(warmUp).slice(-warmUp)]
  if (!third || last.length === 0) return false
  return programs.every((program) =>
    (['bytes', 'descriptors'] as const).every((what) => {
      const least = Math.min(...last.map((round) => round[program][what]))
      return least <= third[program][what] * (1 + slack.share) + slack[what]
    }),
  )
}
