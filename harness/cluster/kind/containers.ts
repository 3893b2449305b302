/** The containers of a kind cluster, by kind's label. */
import { createInterface } from 'node:readline'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { runToolOrThrow, runTool, startTool, getLastLines } from './tool.ts'

const queryLimitMs = 20_000
const deleteLimits = { limitMs: 90_000, noticeMs: 5_000 }
const network = 'kind'

function formatClusterFilter(name: string): string {
  return `label=io.x-k8s.kind.cluster=${name}`
}

/** The names of a cluster's containers, running or not. */
export async function listContainers(name: string): Promise<string[]> {
  const argv = ['docker', 'ps', '--all', '--filter', formatClusterFilter(name), '--format', '{{.Names}}']
  return (await runToolOrThrow(argv, { limitMs: queryLimitMs })).split('\n').filter((line) => line !== '')
}

/**
 * Whether this run should remove the network that all kind clusters share, which kind makes and never removes: it does not exist yet, or
 * only clusters of other runs use it, the last of which must remove it.
 */
export async function isNetworkRemovable(): Promise<boolean> {
  const argv = ['docker', 'network', 'inspect', network, '--format', '{{range .Containers}}{{.Name}} {{end}}']
  const result = await runTool(argv, { limitMs: queryLimitMs })
  if (result.exitCode === 0) {
    const users = result.stdout.trim().split(' ')
    return users.every((user) => user.startsWith('nodrop-'))
  }
  if (/not found|no such network/i.test(result.stderr)) return true
  throw new Fault('environment', `Cannot ask Docker: ${getLastLines(result)}`, 'nodrop doctor says what Docker needs.')
}

/** The maximum of the kernel (cgroup v1 and v2). Docker's default is 1024 shares. */
const maxCpu = { shares: 262_144, weight: 10_000 }

/** In a node of kind: gives pods priority over the kubelet and the container runtime, which else get as much as all pods. */
const prioritizePodsScript =
  `for file in /sys/fs/cgroup/cpu/kubelet*/cpu.shares; do [ ! -w "$file" ] || echo ${maxCpu.shares} > "$file"; done; ` +
  `for file in /sys/fs/cgroup/kubelet*/cpu.weight; do [ ! -w "$file" ] || echo ${maxCpu.weight} > "$file"; done`

/**
 * Gives one node's processes a processor as soon as they need one. All nodes share those of this machine, and with two processors a pod
 * that starts on one node makes a driver on another late; real clients have their own. If Docker refuses it, everything else still works.
 */
export async function prioritizeNode(node: string): Promise<void> {
  const options = { limitMs: queryLimitMs }
  await runTool(['docker', 'update', '--cpu-shares', String(maxCpu.shares), node], options)
  await runTool(['docker', 'exec', node, 'sh', '-c', prioritizePodsScript], options)
}

export interface DeleteOptions {
  kubeconfig: string
  removeNetwork: boolean
  log?: (line: string) => void
  /** For each program: its time limit, and the time after which a notice is logged. */
  limits?: { limitMs: number; noticeMs: number }
}

/**
 * Deletes a cluster and checks that it is gone: a container whose creator was killed during its creation may appear only after the first
 * check.
 */
export async function deleteKindCluster(name: string, options: DeleteOptions): Promise<void> {
  let problem = await runDeletion(
    ['kind', 'delete', 'cluster', '--name', name, '--kubeconfig', options.kubeconfig],
    options,
  )
  let left = await listContainers(name)
  for (let attempt = 0, isOver = true; left.length > 0 && isOver && attempt < 5; attempt++) {
    const result = await runDeletion(['docker', 'rm', '--force', '--volumes', ...left], options)
    problem = result ?? problem
    isOver = !(result instanceof Fault)
    left = await listContainers(name)
  }
  if (left.length > 0) {
    const why = problem === null ? '' : `: ${getErrorMessage(problem)}`
    const advice = `Remove them with: docker rm --force --volumes ${left.join(' ')}`
    throw new Fault(
      'unknown',
      `Containers of the kind cluster ${name} are still there (${left.join(', ')})${why}`,
      advice,
    )
  }
  // Docker refuses while it has containers of another cluster, as it should.
  if (options.removeNetwork) await runTool(['docker', 'network', 'rm', network], { limitMs: queryLimitMs })
}

/** Returns the problem, if any; a Fault if the program did not end. Logs a notice if it takes long. */
async function runDeletion(
  argv: readonly string[],
  { log = () => undefined, limits: { limitMs, noticeMs } = deleteLimits }: DeleteOptions,
): Promise<string | Fault | null> {
  const [program = '', ...words] = argv
  const what = `${program} ${words[0] ?? ''}`
  const notice = setTimeout(() => log(`waiting for ${what} (${limitMs / 1000} s at most)`), noticeMs)
  try {
    const { exitCode, stderr } = await runTool(argv, { limitMs })
    return exitCode === 0 ? null : stderr.trim()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  } finally {
    clearTimeout(notice)
  }
}

/** Calls back once when a container of the cluster is removed from outside. A stopped container may come back, a removed one not. */
export function watchRemoval(name: string, onRemoved: (container: string) => void): { stop: () => void } {
  const argv = [
    'docker',
    'events',
    '--filter',
    'type=container',
    '--filter',
    'event=destroy',
    '--filter',
    formatClusterFilter(name),
  ]
  const child = startTool([...argv, '--format', '{{.Actor.Attributes.name}}'])
  let stopped = false
  // If it cannot be started, the loss of the cluster shows in every request to its API.
  if (child.stdout) {
    createInterface({ input: child.stdout }).once('line', (line) => {
      if (!stopped) onRemoved(line)
    })
  }
  return {
    stop: () => {
      stopped = true
      child.kill()
    },
  }
}
