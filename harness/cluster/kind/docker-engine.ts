/**
 * The Docker engine that kind uses. Its kernel may differ from this process's: in a virtual machine, as on a Mac, or on another host of
 * DOCKER_HOST. Facts about its kernel are then requested from the engine instead of being read here.
 */
import { hostname, release } from 'node:os'
import { runTool } from './tool.ts'

const queryLimitMs = 15_000

/** From `docker info`. */
export interface DockerInfo {
  ServerVersion?: string
  ServerErrors?: string[]
  OSType?: string
  /** As from `uname -m`. */
  Architecture?: string
  KernelVersion?: string
  OperatingSystem?: string
  /** Its host name. */
  Name?: string
  NCPU?: number
  CgroupVersion?: string
  DockerRootDir?: string
}

/** The facts about this process's own machine; replaced in tests. */
export interface HostFacts {
  platform: NodeJS.Platform
  kernel: string
  name: string
}

export const ownHost: HostFacts = { platform: process.platform, kernel: release(), name: hostname() }

/** Also answers without an engine: then `ServerVersion` is missing, and `ServerErrors` may say why. */
export async function readEngine(): Promise<{ info: DockerInfo; problem: string }> {
  const { stdout, stderr } = await runTool(['docker', 'info', '--format', '{{json .}}'], { limitMs: queryLimitMs })
  return { info: JSON.parse(stdout || '{}') as DockerInfo, problem: stderr.trim() }
}

/** Whether its containers run on this process's kernel. A virtual machine has another name or another kernel. */
export function isOwnHost(
  { KernelVersion, Name }: DockerInfo,
  { platform, kernel, name }: HostFacts = ownHost,
): boolean {
  return platform === 'linux' && KernelVersion === kernel && Name === name
}

/** Node's name for it: `arm64` for `aarch64`. */
export function getArchitecture({ Architecture = '' }: DockerInfo): string {
  const names: Readonly<Record<string, string>> = { x86_64: 'x64', amd64: 'x64', aarch64: 'arm64', armv8l: 'arm64' }
  return names[Architecture] ?? Architecture
}

/** The facts about the engine's machine that a run depends on, if it is not this process's. */
export async function readRemoteMachine(): Promise<{ kernel: string; cpus: number; cpuModel: string } | null> {
  const { info } = await readEngine()
  if (isOwnHost(info)) return null
  const { KernelVersion = 'unknown', NCPU = 0, Architecture = '', OperatingSystem = 'another machine' } = info
  return { kernel: KernelVersion, cpus: NCPU, cpuModel: `${Architecture} of ${OperatingSystem}` }
}

/** The output of a command in a container of an image that the engine has. */
export async function runInContainer(image: string, script: string): Promise<string> {
  const argv = ['docker', 'run', '--rm', '--network', 'none', '--entrypoint', 'sh', image, '-c', script]
  const { exitCode, stdout, stderr } = await runTool(argv, { limitMs: queryLimitMs })
  if (exitCode !== 0) throw new Error(stderr.trim() || `exit code ${exitCode}`)
  return stdout
}
