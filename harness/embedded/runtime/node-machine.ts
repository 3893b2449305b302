/** Turns the namespaces of this process into the cluster's machine. */
import { mkdir } from 'node:fs/promises'
import { runChecked, systemPath } from './command.ts'
import { startRuntime } from './process-runtime.ts'
import type { RuntimeOptions } from './process-runtime.ts'
import { makeNodeNetwork } from '../network/pod-network.ts'
import type { Runtime, ServiceNetwork } from './runtime.ts'
import { makeServiceNetwork } from '../network/service-network.ts'

export interface NodeMachine {
  runtime: Runtime
  network: ServiceNetwork
  /** For the cluster's other parts; removed with it. */
  stateDirectory: string
}

/** Everything that the cluster stores is on a file system in its own mount namespace, so that nothing is left when it ends. */
export async function startNodeMachine(
  options: Omit<RuntimeOptions, 'stateDirectory'> & { nodes: number },
): Promise<NodeMachine> {
  process.umask(0o022)
  process.env['PATH'] = systemPath
  await runChecked(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'nodrop', '/run'])
  const stateDirectory = '/run/nodrop'
  await mkdir(stateDirectory)
  await makeNodeNetwork(options.nodes)
  const network = await makeServiceNetwork(options.nodes)
  return { runtime: await startRuntime({ ...options, stateDirectory }), network, stateDirectory }
}
