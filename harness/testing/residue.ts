/** What a run or a cluster could leave on the machine. Other tests and programs make other changes at the same time. */
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { waitFor } from '../base/polling.ts'

/** A process by its number and start time, fields 1 and 22 of its stat (proc(5)), with its parent and command line. */
export interface Process {
  id: string
  pid: number
  parent: number
  command: string
}

/** Without dead processes that wait for a slow init to reap them. */
export function listProcesses(): Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (fields[0] === 'Z') return []
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return [{ id: `${pid} ${fields[19]}`, pid: Number(pid), parent: Number(fields[1]), command }]
    } catch {
      return []
    }
  })
}

/** Whether a process has the word in its command line. */
export function isCommandRunning(word: string): boolean {
  return listProcesses().some(({ command }) => command.includes(word))
}

export function listDescendants(pid: number, all: readonly Process[] = listProcesses()): Process[] {
  return all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...listDescendants(child.pid, all)])
}

/** The processes that still run. */
export function filterRunning(among: readonly Process[]): Process[] {
  const ids = new Set(listProcesses().map(({ id }) => id))
  return among.filter(({ id }) => ids.has(id))
}

/** Mounts, network namespaces and interfaces with names of the embedded cluster, and the content of its temporary folder. */
export function readTraces(temporary: string): unknown {
  return {
    mounts: readFileSync('/proc/self/mounts', 'utf8').match(/.*nodrop.*/g),
    namespaces: spawnSync('ip', ['netns', 'list'])
      .stdout.toString()
      .match(/^[0-9a-f]{11}\b/gm),
    interfaces: readdirSync('/sys/class/net').filter((name) => /^veth[0-9a-f]{11}$/.test(name)),
    temporary: readdirSync(temporary),
  }
}
export const noTraces: unknown = { mounts: null, namespaces: null, interfaces: [], temporary: [] }

/** For tests of asynchronous events: waits 20 s at most. */
export async function waitUntil(holds: () => boolean | Promise<boolean>, what = 'a condition to hold'): Promise<void> {
  await waitFor(what, { limitMs: 20_000, intervalMs: 50 }, holds)
}
