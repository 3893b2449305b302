/** The embedded cluster, as a separate process with its own namespaces. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, lstatSync, openSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { isMainThread } from 'node:worker_threads'
import { createWriteFault, createDirectory, writeFully } from '../../base/files/durable-file.ts'
import { Fault } from '../../base/fault.ts'
import { createIsolationCommand, programFile, systemPath } from '@nodrop/embedded-kubernetes'
import type { ClusterArguments, ClusterReady } from '@nodrop/embedded-kubernetes'
import type { Cluster } from '../cluster.ts'
import { checkEmbeddedMachine, imagesFolder } from './embedded-machine.ts'

export interface EmbeddedClusterOptions {
  /** Directory of the kubeconfig, readable only by its owner. */
  stateDir: string
  /** Number of logical nodes, which share one kernel. Default: the number of nodes that take pods in the kind cluster of a run. */
  nodes?: number
  /** Default: the sample images. */
  images?: EmbeddedImages
  /** Gets the messages of the cluster's process, for people. */
  log?: (line: string) => void
  /** Cancels the start. */
  signal?: AbortSignal
}

export interface EmbeddedImages {
  /** The image `nodrop/NAME:dev` is built from `NAME/Dockerfile` in this folder. */
  folder: string
  /** Further files of an image's build context, by image, name in the context and path. */
  extra: Record<string, Record<string, string>>
}

const sampleImages: EmbeddedImages = { folder: imagesFolder, extra: { driver: { node: process.execPath } } }
const startLimitMs = 30_000
const endLimitMs = 5_000
const tailLines = 15
/** The message of `unshare` of util-linux 2.38 when its child ended by SIGKILL, instead of ending likewise. */
const unshareKilled = /^unshare: sigprocmask unblock failed/

/** Resolves when the API answers. Throws a Fault of the kind `environment` when this machine cannot run the cluster. */
export async function startEmbeddedCluster(options: EmbeddedClusterOptions): Promise<Cluster> {
  const { stateDir, nodes = 2, images = sampleImages, log = () => undefined, signal } = options
  // The kernel would end the cluster together with the thread that started it (PR_SET_PDEATHSIG).
  if (!isMainThread) throw new Error('Cannot start the embedded cluster in a worker thread: use the main thread')
  await assertMachineReady()
  signal?.throwIfAborted()
  log(`starting the embedded cluster of ${nodes} nodes`)
  const running = await launchProcess({ nodes, images }, log)
  try {
    const { kubeconfig } = await waitUntilReady(running, signal)
    const file = writeKubeconfig(stateDir, kubeconfig)
    return createClusterHandle(running, file, `embedded cluster of ${nodes} nodes at ${running.url}`)
  } catch (error) {
    await stopProcess(running)
    throw error
  }
}

interface KubeconfigFile extends Disposable {
  path: string
}

/**
 * The file itself has no name; a link leads to it through this process, so that no credentials remain, however the process ends. Throws a
 * Fault of the kind `environment`.
 */
export function writeKubeconfig(stateDir: string, text: string): KubeconfigFile {
  createDirectory(stateDir)
  const path = join(stateDir, 'kubeconfig')
  const { file, target } = writeNameless(path, text)
  let isOpen = true
  return {
    path,
    [Symbol.dispose]: () => {
      // By then the descriptor may belong to another file.
      if (!isOpen) return
      isOpen = false
      closeSync(file)
      // Another cluster may have put its own link there.
      const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
      if (isLink && readlinkSync(path) === target) rmSync(path)
    },
  }
}

/** Returns the file, and the target of the link at its path. */
function writeNameless(path: string, text: string): { file: number; target: string } {
  let file: number | null = null
  try {
    // Replaced instead of overwritten: an existing file would keep its permissions, and a link would lead elsewhere.
    rmSync(path, { force: true })
    file = openSync(path, 'wx', 0o600)
    rmSync(path)
    writeFully(file, Buffer.from(text))
    const target = `/proc/${process.pid}/fd/${file}`
    symlinkSync(target, path)
    return { file, target }
  } catch (error) {
    if (file !== null) closeSync(file)
    throw createWriteFault(path, error)
  }
}

async function assertMachineReady(): Promise<void> {
  const failed = (await checkEmbeddedMachine()).filter(({ ok }) => !ok)
  if (failed.length === 0) return
  const found = failed.map(({ name, found }) => `${name}: ${found}`).join('; ')
  throw new Fault(
    'environment',
    `This machine cannot run the embedded cluster: ${found}`,
    failed.map(({ fix }) => fix).join('\n'),
  )
}

interface ClusterProcess {
  child: ChildProcess
  url: string
  /** The last lines of its standard error. */
  tail: string[]
  exited: Promise<void>
}

async function launchProcess(
  { nodes, images }: { nodes: number; images: EmbeddedImages },
  log: (line: string) => void,
): Promise<ClusterProcess> {
  const listener = createServer()
  await new Promise<void>((resolve, reject) => listener.once('error', reject).listen(0, '127.0.0.1', resolve))
  // A socket belongs to the network namespace in which it was made, so the API in the cluster's namespace is reachable from here. Node
  // passes descriptors to children only by number, and reveals a server's number nowhere else.
  const { fd } = (listener as unknown as { _handle: { fd: number } })._handle
  const url = `https://127.0.0.1:${(listener.address() as AddressInfo).port}`
  const settings: ClusterArguments = {
    url,
    nodes,
    images: images.folder,
    extra: images.extra,
    // nodrop, or a home directory, may be below a directory that containers see: /opt, /srv, /var.
    hidden: [join(import.meta.dirname, '../../..'), ...listHomes()],
  }
  const [program = '', ...chain] = createIsolationCommand(process.getuid?.() === 0)
  // Not with base/child-process.ts, because the descriptor is passed on unchanged.
  const child = spawn(program, [...chain, process.execPath, programFile, JSON.stringify(settings)], {
    env: { PATH: systemPath, LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe', fd],
    // In its own session: Ctrl-C in the terminal reaches only this process, which then ends the cluster in order.
    detached: true,
  })
  listener.close()
  const tail: string[] = []
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (raw) => {
      const line = unshareKilled.test(raw) ? 'it was killed' : raw
      log(line)
      // Lines of a stack trace are for the log.
      if (/^\s+at /.test(line)) return
      if (tail.push(line) > tailLines) tail.shift()
    })
  }
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', (error) => (tail.push(error.message), resolve()))
  })
  // The process may have ended when its lease is closed.
  child.stdin?.on('error', () => undefined)
  return { child, url, tail, exited }
}

/** Empty for a user without an account and without HOME. */
function listHomes(): string[] {
  try {
    return [homedir()]
  } catch {
    return []
  }
}

/** Reads the one line that the process writes to its standard output. */
async function waitUntilReady({ child, tail, exited }: ClusterProcess, signal?: AbortSignal): Promise<ClusterReady> {
  const { promise, resolve, reject } = Promise.withResolvers<ClusterReady>()
  if (child.stdout)
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as ClusterReady))
  void exited.then(() =>
    reject(new Fault('environment', `The embedded cluster ended while it started: ${formatTail(tail)}`)),
  )
  const onTimeout = (): void =>
    reject(
      new Fault('unknown', `The embedded cluster was not ready after ${startLimitMs / 1000} s: ${formatTail(tail)}`),
    )
  const timer = setTimeout(onTimeout, startLimitMs)
  const onAbort = (): void => reject(signal?.reason as Error)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

function createClusterHandle(running: ClusterProcess, file: KubeconfigFile, description: string): Cluster {
  const lost = new AbortController()
  let ending = false
  void running.exited.then(() => {
    if (!ending)
      lost.abort(new Fault('unknown', `The embedded cluster ended unexpectedly: ${formatTail(running.tail)}`))
  })
  return {
    kind: 'local',
    kubeconfig: file.path,
    description,
    lost: lost.signal,
    [Symbol.asyncDispose]: async () => {
      ending = true
      await stopProcess(running)
      file[Symbol.dispose]()
    },
  }
}

/** Closes the lease, and kills the process if that is not enough. The kernel ends all processes that it had started. */
async function stopProcess({ child, exited }: ClusterProcess): Promise<void> {
  child.stdin?.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), endLimitMs)
  await exited
  clearTimeout(timer)
}

function formatTail(tail: readonly string[]): string {
  return tail.join('\n') || 'it said nothing'
}
