/** The runtime: sandboxes and containers made of the kernel's own namespaces. */
import { randomUUID } from 'node:crypto'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runChecked } from './command.ts'
import { createEnteringChain, createProcessChain } from './process-chain.ts'
import { startFirstProcess } from './first-process.ts'
import type { FirstProcess } from './first-process.ts'
import { computeNiceness, readPriorities, SessionPriorities } from '../isolation/cpu-shares.ts'
import { createUserLauncher, resolveCapabilities, resolveCredentials } from '../isolation/credentials.ts'
import type { Credentials } from '../isolation/credentials.ts'
import { makeDevices } from '../isolation/devices.ts'
import { execInContainer } from './exec.ts'
import { FifoPool } from './fifo.ts'
import { makeDirectoryInTree, resolveInTree } from '../isolation/file-tree.ts'
import type { FileTree } from '../isolation/file-tree.ts'
import { readLockedMounts, readHostTree } from '../isolation/host-tree.ts'
import { copyRootEntries, Images } from '../images/images.ts'
import type { Image, ImageOptions } from '../images/images.ts'
import { makeMountPoint, planRoot } from '../isolation/mounts.ts'
import { openCounters } from '../network/network-counters.ts'
import type { CounterFile } from '../network/network-counters.ts'
import { PodNetworks } from '../network/pod-network.ts'
import type { PodNetwork } from '../network/pod-network.ts'
import { RuntimeError } from './runtime.ts'
import type { ContainerConfig, ImageFacts, RunningContainer, Runtime, Sandbox, SandboxConfig } from './runtime.ts'
import { getErrorMessage } from '../../base/fault.ts'

export interface RuntimeOptions extends Pick<ImageOptions, 'folder' | 'extra'> {
  /** On a tmpfs in this mount namespace. */
  stateDirectory: string
  /** Directories of the machine that containers must not see. */
  hidden: readonly string[]
}

interface Pod {
  hostname: string
  hosts: string
  network: PodNetwork
  running: Set<RunningContainer>
  counters: CounterFile | null
}

/** Needs a network namespace prepared by `makeNodeNetwork`, and its own mount namespace. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { folder, extra, hidden, stateDirectory } = options
  const paths = Object.fromEntries(
    ['containers', 'copies', 'devices', 'fifos', 'images'].map((name) => [name, join(stateDirectory, name)]),
  )
  const { containers = '', copies = '', devices = '', fifos = '', images = '' } = paths
  for (const path of Object.values(paths)) await mkdir(path, { recursive: true })
  await makeDevices(devices)
  const host = await readHostTree({ copiesDirectory: copies, lockedMounts: readLockedMounts(), hidden })
  return new ProcessRuntime({
    containers,
    devices,
    fifos: new FifoPool(fifos),
    images: new Images({ folder, extra, directory: images, deviceDirectory: devices, host }),
  })
}

const priorities = readPriorities()

interface Parts {
  containers: string
  devices: string
  fifos: FifoPool
  images: Images
}

class ProcessRuntime implements Runtime {
  readonly #parts: Parts
  readonly #networks = new PodNetworks()
  readonly #pods = new Map<string, Pod>()
  readonly #limited = new Set<string>()
  readonly #sessions = new SessionPriorities()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async createSandbox(pod: SandboxConfig): Promise<Sandbox> {
    const id = randomUUID().replaceAll('-', '').slice(0, 11)
    const network = await this.#networks.create(id, pod.node, pod.sysctls)
    // The maximum length in Linux.
    const hostname = (pod.hostname ?? pod.name).slice(0, 63)
    const hosts = formatHostsFile({ ...pod, hostname, ip: network.ip })
    const made: Pod = { hostname, hosts, network, running: new Set(), counters: null }
    this.#pods.set(id, made)
    return { id, ip: network.ip, counters: () => made.counters?.read() ?? null }
  }

  async removeSandbox({ id }: Sandbox): Promise<void> {
    const pod = this.#pods.get(id)
    if (!pod) return
    this.#pods.delete(id)
    await Promise.all([...pod.running].map((container) => (container.signal('SIGKILL'), container.exited)))
    pod.counters?.close()
    pod.counters = null
    await this.#networks.remove(pod.network)
  }

  async limitVolume(directory: string, bytes: number): Promise<void> {
    if (this.#limited.has(directory)) return
    await runChecked(['mount', '-t', 'tmpfs', '-o', `size=${bytes},nosuid,nodev`, 'volume', directory])
    this.#limited.add(directory)
  }

  async removeVolume(directory: string): Promise<void> {
    if (this.#limited.delete(directory)) await runChecked(['umount', '-l', directory])
  }

  async ensureImage(reference: string): Promise<ImageFacts> {
    return (await this.#parts.images.get(reference)).dockerfile
  }

  async startContainer(sandbox: Sandbox, config: ContainerConfig): Promise<RunningContainer> {
    const pod = this.#pods.get(sandbox.id)
    if (!pod) throw new RuntimeError('CreateContainerError', `failed to find sandbox id "${sandbox.id}": not found`)
    const image = await this.#parts.images.get(config.image)
    const id = randomUUID().replaceAll('-', '')
    const directory = join(this.#parts.containers, id)
    try {
      const first = await this.#startIn(directory, pod, { image, config })
      const container = this.#createHandle(id, first, { image, config, pod })
      pod.running.add(container)
      if (this.#pods.has(sandbox.id)) pod.counters ??= openCounters(first.pid)
      void container.exited.then(() => this.#removeContainer(pod, container, directory))
      // Its pod was removed while it started.
      if (!this.#pods.has(sandbox.id)) container.signal('SIGKILL')
      return container
    } catch (error) {
      await rm(directory, { recursive: true, force: true })
      if (error instanceof RuntimeError) throw error
      throw new RuntimeError('CreateContainerError', `failed to create containerd container: ${getErrorMessage(error)}`)
    }
  }

  async #startIn(directory: string, pod: Pod, { image, config }: ContainerPlan): Promise<FirstProcess> {
    const tree = await this.#makeFiles(directory, pod, image)
    const binds = image.bound.map((file) => ({ ...file, readOnly: true }))
    for (const { hostPath, containerPath, readOnly } of config.mounts) {
      binds.push({ source: hostPath, target: await resolveInTree(tree, containerPath), readOnly })
    }
    for (const { source, target } of binds) await makeMountPoint(tree, target, (await stat(source)).isDirectory())
    const workDirectory = join(directory, 'work')
    const { readOnlyRoot: readOnly = false, workingDir } = config
    // A missing working directory is created now, because a read-only root would prevent it later.
    if (workingDir !== undefined) await makeDirectoryInTree(tree, await resolveInTree(tree, workingDir))
    const { devices: deviceDirectory } = this.#parts
    const { root, fstab } = await planRoot({ tree, workDirectory, deviceDirectory, binds, readOnly })
    const argv = resolveCommand(image, config)
    const { cpuShares = 0, onLog } = config
    const nice = computeNiceness(cpuShares, priorities)
    const chain = createProcessChain({ root, fstab, ...resolveProcess({ image, config, pod }), nice, argv })
    const { fifos } = this.#parts
    const first = await startFirstProcess({ chain, network: pod.network.path, fifos, onLog })
    if (nice !== 0) this.#sessions.setNiceness(first.pid, nice)
    return first
  }

  /** The writable layer, with the files that a container runtime makes for a pod. */
  async #makeFiles(directory: string, pod: Pod, image: Image): Promise<FileTree> {
    const layer = join(directory, 'layer')
    const tree: FileTree = { overlays: image.overlays, layers: [layer, image.layer] }
    await copyRootEntries(image, join(layer, 'root'))
    const etc = await makeDirectoryInTree(tree, '/etc')
    await writeFile(join(etc, 'hostname'), `${pod.hostname}\n`)
    await writeFile(join(etc, 'hosts'), pod.hosts)
    await writeFile(join(etc, 'resolv.conf'), '# The embedded cluster has no name server.\n')
    return tree
  }

  #createHandle(id: string, first: FirstProcess, made: ContainerPlan & { pod: Pod }): RunningContainer {
    const { credentials, env, workingDir } = resolveProcess(made)
    const launcher = createEnteringChain(createUserLauncher(credentials, '/proc/1/ns/user'), env, workingDir)
    return {
      id,
      startedAtUs: first.startedAtUs,
      stopSignal: made.image.dockerfile.stopSignal,
      exited: first.exited,
      signal: (signal) => first.isRunning() && sendSignal(first.pid, signal),
      exec: async (argv, options) => {
        if (!first.isRunning()) return { exitCode: 126, output: 'container is not running', timedOut: false }
        return execInContainer({ pid: first.pid, launcher, argv, fifos: this.#parts.fifos, ...options })
      },
    }
  }

  async #removeContainer(pod: Pod, container: RunningContainer, directory: string): Promise<void> {
    pod.running.delete(container)
    await rm(directory, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined)
  }
}

/** False when the process has ended but its exit event has not arrived yet. */
function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

interface ContainerPlan {
  image: Image
  config: ContainerConfig
}

/** A pod's `command` replaces ENTRYPOINT and also CMD, `args` replaces CMD (Kubernetes docs, "Define a Command"). */
function resolveCommand({ dockerfile }: Image, { command, args, image }: ContainerConfig): string[] {
  const argv = command ? [...command, ...(args ?? [])] : [...dockerfile.entrypoint, ...(args ?? dockerfile.command)]
  if (argv.length === 0) throw new RuntimeError('CreateContainerError', `no command specified for the image "${image}"`)
  // The last program of the launcher is env(1), which takes such a word for a variable.
  if (argv[0]?.includes('='))
    throw new RuntimeError('StartError', `exec: "${argv[0]}": a command with "=" in its name is not supported`)
  return argv
}

/** In the kubelet's form (pkg/kubelet/kubelet_pods.go, hostsFileContent). */
function formatHostsFile({ hostname, fullName, hosts = [], ip }: SandboxConfig & { ip: string }): string {
  const names = [...(fullName === undefined ? [] : [fullName]), hostname].join('\t')
  const own = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback', `${ip}\t${names}`]
  return [...own, ...hosts.map((line) => `${line.ip}\t${line.names.join('\t')}`), ''].join('\n')
}

function resolveProcess({ image, config, pod }: ContainerPlan & { pod: Pod }): {
  credentials: Credentials
  env: Map<string, string>
  workingDir: string
  hostName: string
} {
  const { dockerfile, accounts } = image
  const { runAsUser, runAsGroup, groups = [], strictGroups = false } = config
  // The group of an image's USER is dropped between the image and the container (CRI's ImageStatus has none).
  const [imageUser = ''] = dockerfile.user.split(':')
  const user = resolveCredentials(runAsUser === undefined ? imageUser : String(runAsUser), accounts)
  const credentials = {
    ...user,
    gid: runAsGroup ?? user.gid,
    groups: [...new Set([...(strictGroups ? [] : user.groups), ...groups])],
    capabilities: resolveCapabilities(config.capabilities ?? {}),
  }
  const given = config.env.map(({ name, value }): [string, string] => [name, value])
  const env = new Map([['HOSTNAME', pod.hostname], ['HOME', credentials.home], ...dockerfile.env, ...given])
  return { credentials, env, workingDir: config.workingDir ?? dockerfile.workingDir, hostName: pod.hostname }
}
