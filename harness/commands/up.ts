/** `nodrop up` and `nodrop down`: a cluster that stays between runs, kept by a process of its own. */
import { spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readKeeper, forgetKeeper } from '../cluster/standing.ts'
import { Fault } from '../fault.ts'
import { standingDir } from './clusters.ts'
import type { ClusterChoice, Paths } from './clusters.ts'

const startLimitMs = 60_000
const endLimitMs = 30_000

export async function upCommand(choice: ClusterChoice, paths: Paths): Promise<void> {
  const directory = standingDir(paths, choice)
  if (!readKeeper(directory)) await startKeeper(choice, directory)
  const keeper = readKeeper(directory)
  if (!keeper)
    throw new Fault('unknown', 'The cluster ended right after its start', `Its log is ${join(directory, 'log')}.`)
  process.stderr.write(`${keeper.description}, kept by process ${keeper.pid}; nodrop down ends it.\n`)
  process.stdout.write(`kubectl --kubeconfig ${keeper.kubeconfig} get pods --all-namespaces --watch\n`)
}

/** The keeper must outlive this command and its terminal: a session of its own, its output in a file. */
async function startKeeper(choice: ClusterChoice, directory: string): Promise<void> {
  forgetKeeper(directory)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const log = openSync(join(directory, 'log'), 'a', 0o600)
  const keeper = spawn(process.execPath, [join(import.meta.dirname, 'keep.ts'), choice, directory], {
    detached: true,
    stdio: ['ignore', log, log],
  })
  const deadline = performance.now() + startLimitMs
  while (!readKeeper(directory)) {
    await sleep(50)
    const ended = keeper.exitCode !== null || keeper.signalCode !== null
    if (!ended && performance.now() < deadline) continue
    if (!ended) keeper.kill('SIGTERM')
    const said = readFileSync(join(directory, 'log'), 'utf8').trim().split('\n').slice(-8).join('\n')
    throw new Fault(keeper.exitCode === 3 ? 'environment' : 'unknown', `Cannot start the ${choice} cluster: ${said}`)
  }
  keeper.unref()
}

export async function downCommand(choice: ClusterChoice, paths: Paths): Promise<void> {
  const directory = standingDir(paths, choice)
  const keeper = readKeeper(directory)
  if (keeper) {
    process.kill(keeper.pid, 'SIGTERM')
    const deadline = performance.now() + endLimitMs
    while (readKeeper(directory) && performance.now() < deadline) await sleep(50)
    if (readKeeper(directory)) process.kill(keeper.pid, 'SIGKILL')
  }
  forgetKeeper(directory)
  process.stderr.write(keeper ? `The ${choice} cluster has ended.\n` : `No ${choice} cluster was running.\n`)
}
