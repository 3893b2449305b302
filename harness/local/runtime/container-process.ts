/** The chain of programs by which a container's first process comes to be. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { becoming } from './credentials.ts'
import { niceOf } from './cpu-shares.ts'
import type { Credentials } from './credentials.ts'

export interface ProcessPlan {
  root: string
  fstab: string
  hostName: string
  workingDir: string
  credentials: Credentials
  env: ReadonlyMap<string, string>
  cpuShares: number
  argv: readonly string[]
}

export interface ProcessChain {
  /** Starts the whole: `unshare …`. */
  argv: string[]
  /** Whether the process with this content of /proc/PID/cmdline is still on its way to the container's command. */
  underWay: (commandLine: string) => boolean
}

const setup = readFileSync(join(import.meta.dirname, 'container-setup.sh'), 'utf8')
const namespaces = ['unshare', '--mount', '--uts', '--pid', '--fork', '--kill-child']
/** In the runtime's session, `kill 0` in a container would reach out of it. */
const ownSession = ['setsid']

export function processChain(plan: ProcessPlan): ProcessChain {
  const launcher = launcherOf(becoming(plan.credentials), plan.env)
  const nice = String(niceOf(plan.cpuShares))
  const { root, fstab, hostName, workingDir, argv } = plan
  const options = [root, fstab, hostName, workingDir, plan.env.get('PATH') ?? '', nice, String(launcher.length)]
  const shell = ['sh', '-c', setup, 'nodrop-container', ...options]
  const whole = commandLineOf([...shell, ...launcher, ...argv])
  const own = commandLineOf(argv)
  return {
    argv: [...namespaces, ...ownSession, ...shell, ...launcher, ...argv],
    // Each program of the launcher is executed with the rest of the words. In the middle of execve(2), between the old memory
    // and the new one's words, there are none; after the end neither.
    underWay: (commandLine) => commandLine === '' || (commandLine.length > own.length && whole.endsWith(commandLine)),
  }
}

/** What is executed beside a container's first process. */
export function enteringChain(becoming: string[], env: ReadonlyMap<string, string>, workingDir: string): string[] {
  return [...ownSession, ...launcherOf(becoming, env, workingDir)]
}

function launcherOf(becoming: string[], env: ReadonlyMap<string, string>, workingDir?: string): string[] {
  const changeDirectory = workingDir === undefined ? [] : [`--chdir=${workingDir}`]
  return [...becoming, 'env', '-i', ...changeDirectory, '--', ...[...env].map(([name, value]) => `${name}=${value}`)]
}

function commandLineOf(argv: readonly string[]): string {
  return argv.map((word) => `${word}\0`).join('')
}
