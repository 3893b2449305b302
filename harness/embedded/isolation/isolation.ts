/** Runs a process in namespaces of its own, which end with it, as it does with its parent. */

/**
 * The command prefix that makes a command PID 1 of new pid, mount and network namespaces. Two links make the whole end
 * with the process that starts it, however that ends: the kernel kills `unshare` when the thread that started it ends
 * (PR_SET_PDEATHSIG, so start it from a main thread), and PID 1 when `unshare` ends; and all else goes with PID 1.
 */
export function createIsolationCommand(asRoot: boolean): string[] {
  const user = asRoot ? [] : ['--user', '--map-root-user']
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  return ['setpriv', '--pdeathsig', 'KILL', 'unshare', ...user, ...namespaces]
}
