/** For tests: evaluates functions in a process that has the cluster's namespaces. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { systemPath } from './command.ts'
import { isolationChain } from './isolation.ts'
import type { NodeMachine } from './node.ts'

export type Privilege = 'root' | 'user namespace'
type Inner = NodeMachine & { load: <T>(module: string) => Promise<T> }

export interface Inside extends AsyncDisposable {
  /** Runs `evaluated` in there: it sees its two arguments only, as it travels as text. */
  run<A, R>(evaluated: (machine: Inner, argument: A) => Promise<R>, argument?: A): Promise<R>
  /** The process that keeps the namespaces, as seen from here. */
  readonly child: ChildProcess
}

/** A user without an account and without privileges. */
const someone = 64_123

/** Words in front of a command for it to run with this privilege; `null` where that cannot be had. */
function asPrivilege(privilege: Privilege): string[] | null {
  const isRoot = process.getuid?.() === 0
  if (privilege === 'root') return isRoot ? [] : null
  const words = isRoot ? ['setpriv', `--reuid=${someone}`, `--regid=${someone}`, '--clear-groups'] : []
  return spawnSync('env', [...words, 'unshare', '--user', '--map-root-user', 'true']).status === 0 ? words : null
}

/** Those that can be tested on this machine. */
export const privileges: { privilege: Privilege; available: boolean }[] = (['root', 'user namespace'] as const).map(
  (privilege) => ({ privilege, available: asPrivilege(privilege) !== null }),
)

export async function startInside(privilege: Privilege, folder: string, extra: object = {}): Promise<Inside> {
  const words = [...(asPrivilege(privilege) ?? []), ...isolationChain(privilege === 'root')]
  const script = join(import.meta.dirname, 'inside-process.ts')
  const child = spawn('env', [...words, process.execPath, script, folder, JSON.stringify(extra)], {
    env: { PATH: systemPath },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  })
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  let count = 0
  child.on('message', ({ id, result, error }: { id: number; result: never; error?: string }) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(result)
    else call?.reject(new Error(error))
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void ended.then(() => waiting.forEach(({ reject }) => reject(new Error('the inner process has ended'))))
  const answer = <R>(id: number) => new Promise<R>((resolve, reject) => waiting.set(id, { resolve, reject }))
  await answer(0)
  return {
    child,
    run: (evaluated, argument) => {
      const id = ++count
      child.send({ id, code: evaluated.toString(), argument })
      return answer(id)
    },
    [Symbol.asyncDispose]: () => {
      if (child.connected) child.disconnect()
      return ended
    },
  }
}
