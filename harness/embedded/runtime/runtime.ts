/**
 * The kubelet's interface to the machine: pod sandboxes with their own networks, and containers in them. Modelled on the Container Runtime
 * Interface. It deals with processes, namespaces and images, not with Kubernetes objects.
 */
import type { TcpCounters } from '../../base/netstat.ts'

export interface Sandbox {
  readonly id: string
  readonly ip: string
  /** The counters of its network namespace since it was made; `null` before a container in it has started. */
  counters(): TcpCounters | null
}

export interface Mount {
  /** A file or directory that the caller made, outside of the container. */
  hostPath: string
  containerPath: string
  readOnly: boolean
}

export interface ContainerConfig {
  name: string
  image: string
  /** Replaces the image's ENTRYPOINT (and then also its CMD), as in a pod's spec. */
  command?: string[]
  /** Replaces the image's CMD. */
  args?: string[]
  env: { name: string; value: string }[]
  workingDir?: string
  /** Default: the image's USER, else 0. */
  runAsUser?: number
  runAsGroup?: number
  /** Supplementary groups in addition to those that the image gives the user. */
  groups?: readonly number[]
  /** Ignores the image's groups of the user, except the first. */
  strictGroups?: boolean
  /** Capabilities of root, without `CAP_`, to add to or drop from a runtime's default. `ALL` can be dropped. */
  capabilities?: { add?: readonly string[]; drop?: readonly string[] }
  /** Only mounts are writable. */
  readOnlyRoot?: boolean
  mounts: Mount[]
  /** Weight of its processor time, in cgroup v1's cpu.shares; default: that of a container without a request. */
  cpuShares?: number
  /** Called for every line that the container writes, on arrival. */
  onLog: (line: LogLine) => void
}

export interface LogLine {
  stream: 'stdout' | 'stderr'
  /** CLOCK_MONOTONIC, µs. */
  atUs: number
  text: string
}

export interface ExitStatus {
  /** 128 + signal number when a signal ended it, as container runtimes report it. */
  exitCode: number
  signal: NodeJS.Signals | null
  /** CLOCK_MONOTONIC, µs. */
  atUs: number
}

export interface ExecResult {
  /** 126 when the command could not be run, 127 when it was not found, as a shell reports it. */
  exitCode: number
  output: string
  timedOut: boolean
}

export interface RunningContainer {
  readonly id: string
  readonly startedAtUs: number
  /** The image's STOPSIGNAL, else SIGTERM. */
  readonly stopSignal: NodeJS.Signals
  readonly exited: Promise<ExitStatus>
  /** Signals PID 1 of the container; false when it has already ended. PID 1 ignores signals without a handler, except KILL. */
  signal(signal: NodeJS.Signals): boolean
  /** Runs a command beside the container's PID 1, in its namespaces and as its user. It ends with the container. */
  exec(argv: string[], options: { timeoutMs?: number; signal?: AbortSignal }): Promise<ExecResult>
}

/** The reason in a pod's status. `ErrImagePull` is for a missing image under any pull policy: the kubelet refines it. */
export class RuntimeError extends Error {
  readonly reason: 'InvalidImageName' | 'ErrImagePull' | 'CreateContainerError' | 'StartError'
  constructor(reason: RuntimeError['reason'], message: string) {
    super(message)
    this.name = 'RuntimeError'
    this.reason = reason
  }
}

export interface ImageFacts {
  /** Its USER: `name`, `uid` or `uid:gid`; empty is root. */
  user: string
}

export interface SandboxConfig {
  uid: string
  name: string
  namespace: string
  /** The number of the pod's logical node, from 0. */
  node: number
  /** Default: the pod's name. */
  hostname?: string
  /** Written after its address in /etc/hosts, before its host name. */
  fullName?: string
  /** Further lines of /etc/hosts. */
  hosts?: readonly { ip: string; names: readonly string[] }[]
  /** Sysctls of the network, as in /proc/sys. */
  sysctls?: readonly { name: string; value: string }[]
}

export interface Runtime {
  createSandbox(pod: SandboxConfig): Promise<Sandbox>
  /** Kills the processes that still run in it and removes its network. */
  removeSandbox(sandbox: Sandbox): Promise<void>
  /** Makes a directory that can hold at most this number of bytes. Removed by `removeVolume`. */
  limitVolume(directory: string, bytes: number): Promise<void>
  removeVolume(directory: string): Promise<void>
  /** Builds an image unless it exists, and returns its metadata. Throws RuntimeError. */
  ensureImage(reference: string): Promise<ImageFacts>
  /** Resolves once PID 1 has been executed. Throws RuntimeError. */
  startContainer(sandbox: Sandbox, config: ContainerConfig): Promise<RunningContainer>
}

/** One Service port and its pods, in the form programmed by the service proxy. */
export interface ServiceRule {
  service: string
  clusterIP: string
  port: number
  /** The port on which every node also accepts connections for it. */
  nodePort?: number
  /** Empty: connections are refused, as with kube-proxy. */
  endpoints: { ip: string; port: number }[]
}

export interface ServiceNetwork {
  /** Replaces all rules in one transaction of the kernel. */
  program(rules: ServiceRule[]): Promise<void>
}
