/** The network namespaces of a cluster's nodes, as paths on this machine: needs root. */
import { readFileSync, readlinkSync, readdirSync } from 'node:fs'
import { KubeConfig } from '@kubernetes/client-node'
import type { Cluster } from '../../cluster/cluster.ts'
import { mustRunTool } from '../../cluster/kind/tool.ts'
import { containersOf } from '../../cluster/kind/containers.ts'
import { Fault } from '../../base/fault.ts'

const queryLimitMs = 20_000

/** Of a cluster that this process has started. Throws a Fault where there are none to be seen. */
export async function networkNamespaces({ kind, kubeconfig }: Cluster): Promise<string[]> {
  const paths = kind === 'kind' ? await ofContainers(kubeconfig) : ofDescendants()
  if (paths.length > 0) return paths
  throw new Fault(
    'environment',
    'Cannot find the network namespaces of the cluster’s nodes: they are seen by root only',
  )
}

/** kind calls the context of a cluster `kind-<name>`. */
async function ofContainers(kubeconfig: string): Promise<string[]> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const nodes = await containersOf(config.getCurrentContext().replace(/^kind-/, ''))
  const argv = ['docker', 'inspect', '--format', '{{.State.Pid}}', ...nodes]
  const pids = await mustRunTool(argv, { limitMs: queryLimitMs })
  return pids.trim().split('\n').map(pathOf)
}

/** The embedded cluster is the only child of this process, or child's child, with a network namespace of its own. */
function ofDescendants(): string[] {
  const parents = new Map(
    readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? [[Number(pid), parentOf(pid)]] : [])),
  )
  const isOurs = (pid: number): boolean => pid > 1 && (pid === process.pid || isOurs(parents.get(pid) ?? 0))
  const own = namespaceOf(process.pid)
  const found = [...parents.keys()].filter((pid) => isOurs(pid) && ![null, own].includes(namespaceOf(pid)))
  // Pods' processes, which have others, are its descendants.
  return found.slice(0, 1).map(pathOf)
}

/** `pid (comm) state ppid …`, where a name may have brackets and blanks in it (proc_pid_stat(5)). */
function parentOf(pid: string): number {
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

function namespaceOf(pid: number): string | null {
  try {
    return readlinkSync(pathOf(pid))
  } catch {
    return null
  }
}

function pathOf(pid: number | string): string {
  return `/proc/${pid}/ns/net`
}
