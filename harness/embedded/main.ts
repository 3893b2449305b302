/**
 * The embedded cluster: one process, PID 1 of its own pid namespace, root of its own mount and network namespaces. It reports on standard
 * output, in one line of JSON, that it is ready, and ends when its standard input does; everything that it has started and made ends with
 * it.
 */
import { Fault, describeInternalError } from '../base/fault.ts'
import { kubeconfigFor, newCredentials, startApi } from './api/server.ts'
import { startControllers } from './start-controllers.ts'
import { startKubelet } from './kubelet/kubelet.ts'
import type { ClusterArguments, ClusterReady } from './launch.ts'
import { startNodeMachine } from './runtime/node-machine.ts'
import { startServiceProxy } from './network/service-proxy.ts'
import { Store } from './store/store.ts'

/** The listening socket was made in the network namespace of the starting process, and is reachable from there. */
const apiDescriptor = 3

// The lease: when the other end closes for any reason, this process ends, and with it all others of the namespace.
process.stdin.on('error', exitProcess).on('close', exitProcess).on('end', exitProcess).resume()

process.on('uncaughtException', (error) => {
  process.stderr.write(`${describeInternalError(error)}\n`)
  process.exit(1)
})

try {
  const options = JSON.parse(process.argv[2] ?? '{}') as ClusterArguments
  process.stdout.write(`${JSON.stringify(await startCluster(options))}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Fault ? error.message : describeInternalError(error)}\n`)
  process.exit(1)
}

async function startCluster({ url, nodes, images, extra, hidden }: ClusterArguments): Promise<ClusterReady> {
  const [machine, { key, cert, token }] = await Promise.all([
    startNodeMachine({ folder: images, extra, hidden, nodes }),
    newCredentials(),
  ])
  const { runtime, network, stateDirectory } = machine
  const onError = (error: unknown): void => void process.stderr.write(`${describeInternalError(error)}\n`)
  const store = new Store(onError)
  const names = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`)
  const kubelet = await startKubelet({ store, runtime, nodes: names, stateDir: stateDirectory })
  startServiceProxy({ store, network, onError })
  startControllers(store, { onError })
  await startApi({ store, listen: { fd: apiDescriptor }, tls: { key, cert }, token, logs: kubelet.logs })
  return { kubeconfig: kubeconfigFor({ url, cert, token }) }
}

function exitProcess(): void {
  process.exit(0)
}
