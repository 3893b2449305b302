/** The sample images as single containers on Docker, labelled so that leftovers of tests are removed. */
import { GenericContainer, Wait } from 'testcontainers'
import type { StartedNetwork, StartedTestContainer } from 'testcontainers'
import { waitFor } from '../../base/polling.ts'
import { runDocker } from './kind-traces.ts'

// The container that would clean up after a crash comes from a registry. The label works even if nothing can be pulled.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'

const label = { name: 'dev.nodrop.test', value: 'image' }
export const testLabel: string = `${label.name}=${label.value}`

/** Also those of an earlier process that was killed. */
export function removeContainers(): void {
  const ids = runDocker('ps', '--all', '--quiet', '--filter', `label=${testLabel}`).split('\n').filter(Boolean)
  if (ids.length > 0) runDocker('rm', '--force', '--volumes', ...ids)
}

export type Image = 'nginx' | 'app' | 'driver'
const ready: Record<Image, RegExp> = {
  nginx: /start worker process/,
  app: /Booting worker/,
  driver: /listening on port 8089/,
}
export const getImageName = (image: Image): string => `nodrop/${image}:dev`

export function createContainer(image: Image): GenericContainer {
  return new GenericContainer(getImageName(image))
    .withLabels({ [label.name]: label.value })
    .withWaitStrategy(Wait.forLogMessage(ready[image]))
    .withStartupTimeout(30_000)
}

export interface Proxy {
  nginx: StartedTestContainer
  url: string
}

export async function startNginx(network?: StartedNetwork): Promise<Proxy> {
  const built = createContainer('nginx').withExposedPorts(8080)
  const nginx = await (network ? built.withNetwork(network) : built).start()
  return { nginx, url: `http://${nginx.getHost()}:${nginx.getMappedPort(8080)}` }
}

/** As in a pod: in the network namespace of its proxy, which finds it at 127.0.0.1. */
export function startApp({ nginx }: Pick<Proxy, 'nginx'>, entrypoint?: string): Promise<StartedTestContainer> {
  const app = createContainer('app')
    .withNetworkMode(`container:${nginx.getId()}`)
    .withEnvironment({ NODROP_WORKLOAD: 'docker' })
  // Docker drops an image's command if another entrypoint is set.
  const command = ['gunicorn', '--config', '/app/gunicorn.conf.py', 'app:application']
  return (entrypoint === undefined ? app : app.withEntrypoint([entrypoint]).withCommand(command)).start()
}

export interface Pair extends Proxy, AsyncDisposable {
  app: StartedTestContainer
}

export async function startPair(network?: StartedNetwork): Promise<Pair> {
  const proxy = await startNginx(network)
  const app = await startApp(proxy)
  const stopPair = async (): Promise<void> => void (await Promise.all([app.stop(), proxy.nginx.stop()]))
  return { ...proxy, app, [Symbol.asyncDispose]: stopPair }
}

/** Its exit code, once it has ended. Polled, so that this process continues meanwhile. */
export async function waitForExit(one: StartedTestContainer): Promise<number> {
  const format = '{{.State.Status}} {{.State.ExitCode}}'
  return waitFor('the container to exit', { limitMs: 120_000, intervalMs: 50 }, () => {
    const [status, exitCode] = runDocker('inspect', '--format', format, one.getId()).trim().split(' ')
    return status === 'exited' && Number(exitCode)
  })
}
