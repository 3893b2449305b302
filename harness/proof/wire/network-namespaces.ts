/** The network namespaces of a cluster's nodes, as paths on this machine: needs root. */
import { readFileSync, readlinkSync, readdirSync } from 'node:fs'
import { KubeConfig } from '@kubernetes/client-node'
import type { Cluster } from '../../cluster/cluster.ts'
import { runToolOrThrow } from '../../cluster/kind/tool.ts'
import { listContainers } from '../../cluster/kind/containers.ts'
import { Fault } from '../../base/fault.ts'

const queryLimitMs = 20_000

/** For a cluster that this process has started. Throws a Fault if none are visible. */
export async function findNetworkNamespaces({ kind, kubeconfig }: Cluster): Promise<string[]> {
  const paths = kind === 'kind' ? await findContainerNamespaces(kubeconfig) : findDescendantNamespace()
  if (paths.length > 0) return paths
  throw new Fault(
    'environment',
    'Cannot find the network namespaces of the cluster’s nodes: they are seen by root only',
  )
}

/** kind names the context of a cluster `kind-<name>`. */
async function findContainerNamespaces(kubeconfig: string): Promise<string[]> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const nodes = await listContainers(config.getCurrentContext().replace(/^kind-/, ''))
  const argv = ['docker', 'inspect', '--format', '{{.State.Pid}}', ...nodes]
  const pids = await runToolOrThrow(argv, { limitMs: queryLimitMs })
  return pids.trim().split('\n').map(getNamespacePath)
}

/** The embedded cluster is the only child or grandchild of this process with its own network namespace. */
function findDescendantNamespace(): string[] {
  const parents = new Map(
    readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? [[Number(pid), readParentPid(pid)]] : [])),
  )
  const isOurs = (pid: number): boolean => pid > 1 && (pid === process.pid || isOurs(parents.get(pid) ?? 0))
  const own = readNamespace(process.pid)
  const found = [...parents.keys()].filter((pid) => isOurs(pid) && ![null, own].includes(readNamespace(pid)))
  // Processes of pods, which have others, are its descendants.
  return found.slice(0, 1).map(getNamespacePath)
}

/** Whether it, or one of its ancestors, is one of the processes at these namespaces' paths. */
export function isStartedWithin(pid: number, namespaces: readonly string[]): boolean {
  return (
    pid > 1 && (namespaces.includes(getNamespacePath(pid)) || isStartedWithin(readParentPid(String(pid)), namespaces))
  )
}

/** `pid (comm) state ppid …`, where the name may contain brackets and blanks (proc_pid_stat(5)). */
function readParentPid(pid: string): number {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) \S /s, '')
        .split(' ')[0],
    )
  } catch {
    return 0
  }
}

function readNamespace(pid: number): string | null {
  try {
    return readlinkSync(getNamespacePath(pid))
  } catch {
    return null
  }
}

function getNamespacePath(pid: number | string): string {
  return `/proc/${pid}/ns/net`
}
