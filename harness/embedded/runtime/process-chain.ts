/** The chain of programs that starts a container's first process. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemPath } from './command.ts'
import { createUserLauncher } from '../isolation/credentials.ts'
import type { Credentials } from '../isolation/credentials.ts'

export interface ProcessPlan {
  root: string
  fstab: string
  hostName: string
  workingDir: string
  credentials: Credentials
  env: ReadonlyMap<string, string>
  /** The niceness of the process and its session; 0: unchanged. */
  nice: number
  argv: readonly string[]
}

export interface ProcessChain {
  /** The whole command: `unshare …`. */
  argv: string[]
  /** The environment to start it with. */
  env: Record<string, string>
  /** Whether the process with this content of /proc/PID/cmdline has not executed the container's command yet. */
  underWay: (commandLine: string) => boolean
}

const setup = readFileSync(join(import.meta.dirname, '../isolation/container-setup.sh'), 'utf8')
const namespaces = ['unshare', '--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child']
/** In the runtime's session, `kill 0` in a container would reach processes outside. */
const ownSession = ['setsid']

export function createProcessChain(plan: ProcessPlan): ProcessChain {
  const { carried, words } = encodeEnvironment(plan.env)
  const launcher = [...createUserLauncher(plan.credentials), ...words]
  const nice = String(plan.nice)
  const { root, fstab, hostName, workingDir, argv } = plan
  const options = [root, fstab, hostName, workingDir, nice, String(launcher.length)]
  const shell = ['sh', '-c', setup, 'nodrop-container', ...options]
  const whole = formatCommandLine([...shell, ...launcher, ...argv])
  const own = formatCommandLine(argv)
  return {
    argv: [...namespaces, ...ownSession, ...shell, ...launcher, ...argv],
    env: { ...carried, NODROP_SEARCH: plan.env.get('PATH') ?? '' },
    // Each program of the launcher is executed with the remaining arguments. In the middle of execve(2), between the old and the new
    // memory, the arguments are empty; after the end too.
    underWay: (commandLine) => commandLine === '' || (commandLine.length > own.length && whole.endsWith(commandLine)),
  }
}

export type EnteringChain = Pick<ProcessChain, 'argv' | 'env'>

/** The programs that are executed beside a container's first process, before the command. */
export function createEnteringChain(
  becoming: string[],
  env: ReadonlyMap<string, string>,
  workingDir: string,
): EnteringChain {
  const { carried, words } = encodeEnvironment(env, [`--chdir=${workingDir}`])
  return { argv: [...ownSession, ...becoming, ...words], env: carried }
}

/**
 * A container's environment is passed in the launcher's environment, which only its user can read, and not in its arguments, which every
 * user of the machine can read (proc(5)). There each value has a name without meaning for the launcher's programs, so that an LD_PRELOAD
 * for the container does not affect them; env(1) at the end restores the names (`-S`, `${…}`).
 */
function encodeEnvironment(
  env: ReadonlyMap<string, string>,
  options: string[] = [],
): { carried: Record<string, string>; words: string[] } {
  const all = [...env].map(([name, value], index) => ({ name, value, place: `NODROP_VALUE_${index}` }))
  const assignments = all.map(({ name, place }) => `'${name.replaceAll(/['\\]/g, '\\$&')}='\${${place}}`)
  return {
    carried: { PATH: systemPath, LC_ALL: 'C', ...Object.fromEntries(all.map(({ place, value }) => [place, value])) },
    words: ['env', ...options, '-S', ['-i', '--', ...assignments].join(' ')],
  }
}

function formatCommandLine(argv: readonly string[]): string {
  return argv.map((word) => `${word}\0`).join('')
}
