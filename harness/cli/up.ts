/** `nodrop up` and `nodrop down`: a cluster that stays between runs, kept by a process of its own. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessIdentity } from '../cluster/embedded/process-identity.ts'
import { lockDirectory } from '../cluster/embedded/start-lock.ts'
import { readHolder, removeHolder } from '../cluster/embedded/cluster-holder.ts'
import { createWriteFault, createDirectory, writeFully } from '../base/durable-file.ts'
import { Fault } from '../base/fault.ts'
import { quoteShellWord } from '../base/shell-quote.ts'
import { printLines, printNotice } from '../terminal/print.ts'
import { chooseClusterKind, getHolderDir } from '../cluster/clusters.ts'
import type { Paths, ManagedClusterChoice, ManagedClusterKind } from '../cluster/clusters.ts'
import type { HolderArguments } from './cluster-holder.ts'

/** kind pulls images, makes three nodes and loads the workload. */
const startLimitMs = { local: 60_000, kind: 900_000 } as const
const endLimitMs = { local: 30_000, kind: 120_000 } as const

export async function upCommand(
  asked: ManagedClusterChoice,
  paths: Paths,
  options: { kindImage?: string },
): Promise<void> {
  const choice = asked === 'auto' ? await chooseClusterKind({ log: printNotice }) : asked
  const directory = getHolderDir(paths, choice)
  using _lock = await lockDirectory(directory, { limitMs: startLimitMs[choice], onWait: reportWaiting })
  if (!readHolder(directory)) await startHolder({ choice, directory, paths, ...options })
  const keeper = readHolder(directory)
  if (!keeper)
    throw new Fault('unknown', 'The cluster ended right after its start', `Its log is ${join(directory, 'log')}.`)
  printNotice(`${keeper.description}, kept by process ${keeper.pid}; nodrop down ends it.`)
  printLines(`kubectl --kubeconfig ${quoteShellWord(keeper.kubeconfig)} get pods --all-namespaces --watch`)
}

/** The keeper must outlive this command and its terminal: a session of its own, its output in a file. */
async function startHolder(handed: HolderArguments): Promise<void> {
  const { choice, directory } = handed
  removeHolder(directory)
  createDirectory(directory, 0o700)
  const log = openKeeperLog(join(directory, 'log'))
  const keeper = spawn(process.execPath, [join(import.meta.dirname, 'cluster-holder.ts'), JSON.stringify(handed)], {
    detached: true,
    // The pipe tells it when this command is no more.
    stdio: ['pipe', log, log],
  })
  const deadline = performance.now() + startLimitMs[choice]
  while (!readHolder(directory)) {
    await sleep(50)
    const ended = keeper.exitCode !== null || keeper.signalCode !== null
    if (!ended && performance.now() < deadline) continue
    if (!ended) keeper.kill('SIGTERM')
    const said = readFileSync(join(directory, 'log'), 'utf8').trim().split('\n').slice(1).slice(-8).join('\n')
    throw new Fault(keeper.exitCode === 3 ? 'environment' : 'unknown', `Cannot start the ${choice} cluster: ${said}`)
  }
  keeper.stdin?.destroy()
  keeper.unref()
}

/**
 * With a first line: where nothing can be written the keeper could not even tell why it ends. Throws a Fault of the kind `environment`.
 */
export function openKeeperLog(path: string): number {
  let log: number | null = null
  try {
    log = openSync(path, 'a', 0o600)
    writeFully(log, Buffer.from(`nodrop up, ${new Date().toISOString()}\n`))
    return log
  } catch (error) {
    if (log !== null) closeSync(log)
    throw createWriteFault(path, error)
  }
}

function reportWaiting({ pid }: ProcessIdentity): void {
  printNotice(`Waiting for process ${pid}, which starts or ends this cluster.`)
}

export async function downCommand(asked: ManagedClusterChoice, paths: Paths): Promise<void> {
  const all = ['local', 'kind'] as const
  for (const choice of asked === 'auto' ? all : [asked]) {
    const ended = await stopHolder(choice, getHolderDir(paths, choice))
    printNotice(ended ? `The ${choice} cluster has ended.` : `No ${choice} cluster was running.`)
  }
}

async function stopHolder(choice: ManagedClusterKind, directory: string): Promise<boolean> {
  using _lock = await lockDirectory(directory, { limitMs: startLimitMs[choice], onWait: reportWaiting })
  const keeper = readHolder(directory)
  if (keeper) {
    process.kill(keeper.pid, 'SIGTERM')
    const deadline = performance.now() + endLimitMs[choice]
    while (readHolder(directory) && performance.now() < deadline) await sleep(50)
    const remaining = readHolder(directory)
    if (remaining) process.kill(remaining.pid, 'SIGKILL')
  }
  removeHolder(directory)
  return keeper !== null
}
