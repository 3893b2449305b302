/** Connection tracking of a kind cluster: conntrack(8) is part of its nodes, and runs in their network namespace. */
import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { buildConntrackArguments, conntrackCommand } from '@nodrop/embedded-kubernetes'
import type { RunningProcess } from '../../base/child-process.ts'
import type { TrackedConnections } from '../provider.ts'
import { runTool, startTool } from '../kind/tool.ts'

/** Docker leaves a program running when its client ends, so the client's standard input is the lease. */
const script = `
exec 3<&0
${conntrackCommand} </dev/null 3<&- 2>&1 &
child=$!
{ cat <&3; kill $child; } >/dev/null 2>&1 &
exec 3<&-
wait $child
`

/** On a kind cluster a node's name is that of its container. */
export function trackConnections({ node, filter, signal }: TrackedConnections): Promise<AsyncIterable<unknown>> {
  signal.throwIfAborted()
  const argv = ['docker', 'exec', '--interactive', node, 'sh', '-c', script, 'sh']
  const child = startTool([...argv, ...buildConntrackArguments(filter)], { keepsInputOpen: true })
  signal.addEventListener('abort', () => child.kill(), { once: true })
  return Promise.resolve(readAll(child))
}

/** The output of conntrack, and Docker's own messages. Both are read from now on, because unread output is thrown away. */
function readAll({ stdout, stderr }: RunningProcess): AsyncIterable<unknown> {
  const all = new PassThrough()
  const streams = [stdout, stderr].filter((stream) => stream !== null)
  for (const stream of streams) stream.pipe(all, { end: false })
  void Promise.allSettled(streams.map((stream) => finished(stream))).then(() => all.end())
  return all
}

const queryLimitMs = 10_000

/** Whether Docker has a container of that name that is the kind node with this machine id: another cluster may use the same name. */
export async function isContainerOfNode(node: string, machineId: string, signal: AbortSignal): Promise<boolean> {
  const isKind = '{{ index .Config.Labels "io.x-k8s.kind.cluster" }}'
  const argv = ['docker', 'inspect', '--type', 'container', '--format', isKind, node]
  const options = { limitMs: queryLimitMs, signal }
  const found = await runTool(argv, options).catch(() => null)
  if (found?.exitCode !== 0 || found.stdout.trim() === '') return false
  const { stdout } = await runTool(['docker', 'exec', node, 'cat', '/etc/machine-id'], options)
  return machineId !== '' && stdout.trim() === machineId
}
