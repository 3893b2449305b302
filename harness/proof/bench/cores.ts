/** The cores of a bench, and the CPU time that its processes use. */
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { Fault, getErrorMessage } from '../../base/fault.ts'

export interface Cores {
  client: number
  server: number
}

/** The last two cores that this process may use, because the first one gets most of a machine's interrupts. Throws a Fault with fewer. */
export function chooseCores(): Cores {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  const cores = list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
  const [server, client] = cores.slice(-2)
  if (server !== undefined && client !== undefined) return { client, server }
  throw new Fault(
    'environment',
    `Cannot bench on ${cores.length} core: client and server need one each`,
    'Use a larger machine, or allow this process more cores.',
  )
}

/** A command that runs on one core only. */
export function pinCommand(core: number, ...command: [string, ...string[]]): [string, ...string[]] {
  return ['taskset', '-c', `${core}`, ...command]
}

/** Pins this process, with all its threads. */
export function pinSelf(core: number): void {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', `${core}`, `${process.pid}`], { stdio: 'ignore' })
  } catch (error) {
    throw new Fault('environment', `Cannot pin a process to a core: ${getErrorMessage(error)}`, 'Install util-linux.')
  }
}

/** The scheduler's counts for a process and its living descendants, in µs. */
export interface SchedulerUsage {
  /** Running, user and system. */
  cpuUs: number
  /** Ready to run while others had the core; without threads nicer than their process' first, which wait for that one. */
  waitUs: number
}

/** The first two numbers of `/proc/<pid>/task/<tid>/schedstat` (ns; kernel documentation, "Scheduler Statistics"), of every thread. */
export function readUsage(pid: number): SchedulerUsage {
  const parents = new Map(
    readdirSync('/proc')
      .filter(isPid)
      .map((entry) => [entry, readParent(entry)]),
  )
  const isDescendant = (entry: string | undefined): boolean =>
    entry !== undefined && (entry === `${pid}` || isDescendant(parents.get(entry)))
  const usage = { cpuUs: 0, waitUs: 0 }
  for (const entry of parents.keys()) if (isDescendant(entry)) addThreads(usage, entry)
  return usage
}

const isPid = (name: string): boolean => /^\d+$/.test(name)

function readParent(pid: string): string | undefined {
  // The name before the parent may contain brackets and blanks.
  return /^.*\) \S (\d+)/s.exec(readOrEmpty(`/proc/${pid}/stat`))?.[1]
}

function addThreads(usage: SchedulerUsage, pid: string): void {
  let threads: string[]
  try {
    threads = readdirSync(`/proc/${pid}/task`)
  } catch {
    return
  }
  const first = readNice(pid, pid)
  for (const thread of threads) {
    const [ran = 0, waited = 0] = readOrEmpty(`/proc/${pid}/task/${thread}/schedstat`).split(' ').map(Number)
    usage.cpuUs += ran / 1000
    if (readNice(pid, thread) <= first) usage.waitUs += waited / 1000
  }
}

/** Field 19 of proc_pid_stat(5), counted from after the name, which is the second. */
function readNice(pid: string, thread: string): number {
  const stat = readOrEmpty(`/proc/${pid}/task/${thread}/stat`)
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
}

/** Processes may end while they are read. */
function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
