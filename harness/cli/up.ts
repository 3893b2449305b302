/** `nodrop up` and `nodrop down`: a cluster that stays between runs, kept by a process of its own. */
import { spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessMark } from '../cluster/embedded/process-identity.ts'
import { lockDirectory } from '../cluster/embedded/start-lock.ts'
import { readKeeper, forgetKeeper } from '../cluster/embedded/cluster-holder.ts'
import { makeDirectory } from '../base/durable-file.ts'
import { Fault } from '../base/fault.ts'
import { shellWord } from '../base/shell-quote.ts'
import { print, tell } from '../terminal/print.ts'
import { choose, standingDir } from '../cluster/clusters.ts'
import type { Paths, StartChoice, StartedCluster } from '../cluster/clusters.ts'
import type { KeeperArguments } from './cluster-holder.ts'

/** kind pulls images, makes three nodes and loads the workload. */
const startLimitMs = { local: 60_000, kind: 900_000 } as const
const endLimitMs = { local: 30_000, kind: 120_000 } as const

export async function upCommand(asked: StartChoice, paths: Paths, options: { kindImage?: string }): Promise<void> {
  const choice = asked === 'auto' ? await choose({ log: tell }) : asked
  const directory = standingDir(paths, choice)
  using _lock = await lockDirectory(directory, { limitMs: startLimitMs[choice], onWait: tellOfOther })
  if (!readKeeper(directory)) await startKeeper({ choice, directory, paths, ...options })
  const keeper = readKeeper(directory)
  if (!keeper)
    throw new Fault('unknown', 'The cluster ended right after its start', `Its log is ${join(directory, 'log')}.`)
  tell(`${keeper.description}, kept by process ${keeper.pid}; nodrop down ends it.`)
  print(`kubectl --kubeconfig ${shellWord(keeper.kubeconfig)} get pods --all-namespaces --watch`)
}

/** The keeper must outlive this command and its terminal: a session of its own, its output in a file. */
async function startKeeper(handed: KeeperArguments): Promise<void> {
  const { choice, directory } = handed
  forgetKeeper(directory)
  makeDirectory(directory, 0o700)
  const log = openSync(join(directory, 'log'), 'a', 0o600)
  const keeper = spawn(process.execPath, [join(import.meta.dirname, 'cluster-holder.ts'), JSON.stringify(handed)], {
    detached: true,
    // The pipe tells it when this command is no more.
    stdio: ['pipe', log, log],
  })
  const deadline = performance.now() + startLimitMs[choice]
  while (!readKeeper(directory)) {
    await sleep(50)
    const ended = keeper.exitCode !== null || keeper.signalCode !== null
    if (!ended && performance.now() < deadline) continue
    if (!ended) keeper.kill('SIGTERM')
    const said = readFileSync(join(directory, 'log'), 'utf8').trim().split('\n').slice(-8).join('\n')
    throw new Fault(keeper.exitCode === 3 ? 'environment' : 'unknown', `Cannot start the ${choice} cluster: ${said}`)
  }
  keeper.stdin?.destroy()
  keeper.unref()
}

function tellOfOther({ pid }: ProcessMark): void {
  tell(`Waiting for process ${pid}, which starts or ends this cluster.`)
}

export async function downCommand(asked: StartChoice, paths: Paths): Promise<void> {
  const all = ['local', 'kind'] as const
  for (const choice of asked === 'auto' ? all : [asked]) {
    const ended = await end(choice, standingDir(paths, choice))
    tell(ended ? `The ${choice} cluster has ended.` : `No ${choice} cluster was running.`)
  }
}

async function end(choice: StartedCluster, directory: string): Promise<boolean> {
  using _lock = await lockDirectory(directory, { limitMs: startLimitMs[choice], onWait: tellOfOther })
  const keeper = readKeeper(directory)
  if (keeper) {
    process.kill(keeper.pid, 'SIGTERM')
    const deadline = performance.now() + endLimitMs[choice]
    while (readKeeper(directory) && performance.now() < deadline) await sleep(50)
    const remaining = readKeeper(directory)
    if (remaining) process.kill(remaining.pid, 'SIGKILL')
  }
  forgetKeeper(directory)
  return keeper !== null
}
