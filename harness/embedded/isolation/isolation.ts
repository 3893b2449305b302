/** Runs a process in its own namespaces, which end with it, as it ends with its parent. */

/**
 * The command prefix that makes a command PID 1 of new pid, mount and network namespaces. They end with the process that starts them in any
 * way: the kernel kills `unshare` when the thread that started it ends (PR_SET_PDEATHSIG, so start it from a main thread), PID 1 when
 * `unshare` ends, and all other processes with PID 1.
 */
export function createIsolationCommand(asRoot: boolean): string[] {
  const user = asRoot ? [] : ['--user', '--map-root-user']
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  return ['setpriv', '--pdeathsig', 'KILL', 'unshare', ...user, ...namespaces]
}
