/** For tests: evaluates functions in a process that has the cluster's namespaces. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemPath } from '../runtime/command.ts'
import type { IsolatedContext } from './isolated-process-main.ts'
import { createIsolationCommand } from '../isolation/isolation.ts'

export type Privilege = 'root' | 'user namespace'

export interface IsolatedProcess extends AsyncDisposable {
  /** Runs `evaluated` in that process: it can only use its two arguments, because it is sent as text. */
  evaluate<A, R>(evaluated: (context: IsolatedContext, argument: A) => Promise<R>, argument?: A): Promise<R>
  /** The process that keeps the namespaces, seen from here. */
  readonly child: ChildProcess
}

/** A user without an account and without privileges. */
const unprivilegedUid = 64_123

/** The command prefix that runs a command with this privilege; `null` if that is impossible. */
export function createPrivilegeLauncher(privilege: Privilege): string[] | null {
  const isRoot = process.getuid?.() === 0
  if (privilege === 'root') return isRoot ? [] : null
  const words = isRoot ? ['setpriv', `--reuid=${unprivilegedUid}`, `--regid=${unprivilegedUid}`, '--clear-groups'] : []
  // That user also needs access to Node and to this folder, which is missing in a clone in root's home.
  const reaches = ['sh', '-c', 'test -x "$1" && test -r "$2"', 'sh', process.execPath, import.meta.filename]
  return spawnSync('env', [...words, 'unshare', '--user', '--map-root-user', ...reaches]).status === 0 ? words : null
}

/** The privileges that can be tested on this machine. */
export const privileges: { privilege: Privilege; available: boolean }[] = (['root', 'user namespace'] as const).map(
  (privilege) => ({ privilege, available: createPrivilegeLauncher(privilege) !== null }),
)

export interface IsolatedProcessOptions {
  privilege: Privilege
  /** Files of image folders by their path, `base/Dockerfile` among them. */
  files?: Record<string, string>
}

const baseImage = `FROM debian:bookworm-slim
WORKDIR /app
COPY node /usr/local/bin/node
COPY --chmod=755 greet.cjs /app/
USER 10001:10001
CMD ["sleep", "infinity"]
`
/** Sends its pod's name to each client, and again for each line that it gets. */
const greeterProgram = `const name = require('node:os').hostname()
const server = require('node:net').createServer((socket) => {
  socket.write(name + '\\n')
  socket.on('data', () => socket.write(name + '\\n')).on('error', () => {})
})
server.listen(Number(process.argv[2] ?? 8080), '0.0.0.0', () => console.log('listening'))
`

export async function startIsolatedProcess(options: IsolatedProcessOptions): Promise<IsolatedProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'nodrop-images-'))
  try {
    return await startIn(folder, options)
  } catch (error) {
    await rm(folder, { recursive: true })
    throw error
  }
}

async function startIn(folder: string, { privilege, files = {} }: IsolatedProcessOptions): Promise<IsolatedProcess> {
  await chmod(folder, 0o755)
  for (const [path, text] of Object.entries({
    'base/Dockerfile': baseImage,
    'base/greet.cjs': greeterProgram,
    ...files,
  })) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const words = [...(createPrivilegeLauncher(privilege) ?? []), ...createIsolationCommand(privilege === 'root')]
  const script = join(import.meta.dirname, 'isolated-process-main.ts')
  const extra = { base: { node: process.execPath } }
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
  const waitForAnswer = <R>(id: number) => new Promise<R>((resolve, reject) => waiting.set(id, { resolve, reject }))
  await waitForAnswer(0)
  return {
    child,
    evaluate: async (evaluated, argument) => {
      if (!child.connected) throw new Error('the inner process has ended')
      const id = ++count
      child.send({ id, code: evaluated.toString(), argument })
      return waitForAnswer(id)
    },
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect()
      await ended
      await rm(folder, { recursive: true })
    },
  }
}
