/** `nodrop up` and `nodrop down`: a cluster that stays between runs, kept by a separate process. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { ProcessIdentity } from '../../cluster/embedded/process-identity.ts'
import { lockDirectory } from '../../cluster/embedded/start-lock.ts'
import { readHolder, removeHolder } from '../../cluster/embedded/cluster-holder.ts'
import { createWriteFault, createDirectory, writeFully } from '../../base/files/durable-file.ts'
import { exitCodes, Fault } from '../../base/fault.ts'
import { waitFor } from '../../base/polling.ts'
import { resolveProgram } from '../../base/program-path.ts'
import { quoteShellWord } from '../../base/shell-quote.ts'
import { printLines, printNotice } from '../../terminal/print.ts'
import { providers } from '../../cluster/providers.ts'
import { managedClusterKinds } from '../../model/cluster-kind.ts'
import { chooseClusterKind, getHolderDir } from '../../cluster/clusters.ts'
import type { Paths, ManagedClusterChoice, ManagedClusterKind } from '../../cluster/clusters.ts'
import type { HolderArguments } from './hold-cluster.ts'
import { createClusterOption, createKindImageOption } from '../options.ts'

export function addUpCommand(program: Command, paths: Paths): void {
  program
    .command('up')
    .description('start a cluster that stays, and print how to reach it')
    .addOption(createClusterOption())
    .addOption(createKindImageOption())
    .action(({ cluster, ...options }: { cluster: ManagedClusterChoice; kindImage?: string }) =>
      upCommand(cluster, paths, options),
    )
}

export function addDownCommand(program: Command, paths: Paths): void {
  program
    .command('down')
    .description('end what nodrop up started')
    .addOption(createClusterOption())
    .action(({ cluster }: { cluster: ManagedClusterChoice }) => downCommand(cluster, paths))
}

export async function upCommand(
  asked: ManagedClusterChoice,
  paths: Paths,
  options: { kindImage?: string },
): Promise<void> {
  const choice = asked === 'auto' ? await chooseClusterKind({ log: printNotice }) : asked
  const directory = getHolderDir(paths, choice)
  using _lock = await lockDirectory(directory, { limitMs: providers[choice].limitsMs.start, onWait: reportWaiting })
  if (!readHolder(directory)) await startHolder({ choice, directory, paths, ...options })
  const keeper = readHolder(directory)
  if (!keeper)
    throw new Fault('unknown', 'The cluster ended right after its start', `Its log is ${join(directory, 'log')}.`)
  printNotice(`${keeper.description}, kept by process ${keeper.pid}; nodrop down ends it.`)
  printLines(`kubectl --kubeconfig ${quoteShellWord(keeper.kubeconfig)} get pods --all-namespaces --watch`)
}

/** The holder must outlive this command and its terminal: it has its own session, and writes its output to a file. */
async function startHolder(handed: HolderArguments): Promise<void> {
  const { choice, directory } = handed
  removeHolder(directory)
  createDirectory(directory, 0o700)
  const log = openHolderLog(join(directory, 'log'))
  // Not with base/child-process.ts: its output goes to a descriptor, and it outlives this process.
  const keeper = spawn(
    process.execPath,
    [resolveProgram(import.meta.dirname, 'hold-cluster'), JSON.stringify(handed)],
    {
      detached: true,
      // The pipe closes when this command ends.
      stdio: ['pipe', log, log],
    },
  )
  const hasEnded = (): boolean => keeper.exitCode !== null || keeper.signalCode !== null
  const limits = { limitMs: providers[choice].limitsMs.start, intervalMs: 50 }
  await waitFor('the cluster', limits, () => readHolder(directory) !== null || hasEnded()).catch(() => undefined)
  if (!readHolder(directory)) {
    if (!hasEnded()) keeper.kill('SIGTERM')
    const said = readFileSync(join(directory, 'log'), 'utf8').trim().split('\n').slice(1).slice(-8).join('\n')
    throw new Fault(keeper.exitCode === 3 ? 'environment' : 'unknown', `Cannot start the ${choice} cluster: ${said}`)
  }
  keeper.stdin?.destroy()
  keeper.unref()
}

/** Opens the log and writes a line: without it the holder could not report why it ends. Throws a Fault of the kind `environment`. */
export function openHolderLog(path: string): number {
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
  for (const choice of asked === 'auto' ? managedClusterKinds : [asked]) {
    if (!(await stopHolder(choice, getHolderDir(paths, choice)))) printNotice(`No ${choice} cluster was running.`)
    else if (await sweepRest(choice, paths)) printNotice(`The ${choice} cluster has ended.`)
    else process.exitCode = exitCodes.environment
  }
}

/** Of a process that was killed, or could not delete its cluster. Tells what is left, and gives whether nothing is. */
async function sweepRest(choice: ManagedClusterKind, paths: Paths): Promise<boolean> {
  let isAllGone = true
  await providers[choice].sweep({ paths, log: printNotice, onLeft: () => void (isAllGone = false) })
  return isAllGone
}

async function stopHolder(choice: ManagedClusterKind, directory: string): Promise<boolean> {
  using _lock = await lockDirectory(directory, { limitMs: providers[choice].limitsMs.start, onWait: reportWaiting })
  const keeper = readHolder(directory)
  if (keeper) {
    process.kill(keeper.pid, 'SIGTERM')
    const limits = { limitMs: providers[choice].limitsMs.end, intervalMs: 50 }
    const waitForEnd = (): Promise<unknown> =>
      waitFor('its end', limits, () => readHolder(directory) === null).catch(() => undefined)
    await waitForEnd()
    const remaining = readHolder(directory)
    if (remaining) {
      process.kill(remaining.pid, 'SIGKILL')
      // A sweep leaves alone what a process still uses.
      await waitForEnd()
    }
  }
  removeHolder(directory)
  return keeper !== null
}
