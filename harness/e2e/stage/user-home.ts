/** The home of a user with a kubeconfig for several clusters, one of which is the current one and must not be touched. */
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { startEmbeddedCluster } from '../../cluster/embedded/embedded-cluster.ts'
import { startApiProxy } from '../../testing/api-proxy.ts'
import type { ApiProxy } from '../../testing/api-proxy.ts'

interface Kubeconfig {
  clusters: { name: string; cluster: object }[]
  users: { name: string; user: object }[]
  contexts: { name: string; context: object }[]
  'current-context'?: string
}

export interface UserHome {
  env: NodeJS.ProcessEnv
  /** Every file below it with its content. */
  readFiles(): Record<string, string>
  /** Adds a context; the first is the current one. */
  addContext(name: string, server: { url: string; cert: string }, user?: object): void
}

/** Below `folder`. */
export function createUserHome(folder: string): UserHome {
  const path = join(folder, '.kube/config')
  mkdirSync(join(folder, '.kube'), { recursive: true })
  const config: Kubeconfig = { clusters: [], users: [], contexts: [] }
  const { KUBECONFIG: _, ...env } = process.env
  return {
    env: { ...env, HOME: folder },
    readFiles: () =>
      Object.fromEntries(
        readdirSync(folder, { recursive: true, encoding: 'utf8' })
          .filter((name) => statSync(join(folder, name)).isFile())
          .map((name) => [name, readFileSync(join(folder, name), 'base64')]),
      ),
    addContext(name, { url, cert }, user = { token: 'a-secret-of-the-user' }) {
      const authority = Buffer.from(cert).toString('base64')
      config.clusters.push({ name, cluster: { server: url, 'certificate-authority-data': authority } })
      config.users.push({ name, user })
      config.contexts.push({ name, context: { cluster: name, user: name } })
      config['current-context'] ??= name
      writeFileSync(path, stringify({ apiVersion: 'v1', kind: 'Config', ...config }), { mode: 0o600 })
    },
  }
}

/** How the first user of a kubeconfig reaches its first cluster. */
export function readAccess(kubeconfig: string): { url: string; cert: string; user: { token?: string } } {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
    users: [{ user: { token?: string } }]
  }
  const { server: url, 'certificate-authority-data': authority } = clusters[0].cluster
  return { url, cert: Buffer.from(authority, 'base64').toString('utf8'), user: users[0].user }
}

/** An embedded cluster in the role of one run by others: reached through a proxy, by a context of the user's kubeconfig. */
export async function startTarget(stateDir: string, stack: AsyncDisposableStack): Promise<ApiProxy> {
  const cluster = stack.use(await startEmbeddedCluster({ stateDir }))
  const { url, cert, user } = readAccess(cluster.kubeconfig)
  const behind = { url, ca: cert, token: user.token ?? '' }
  return stack.use(await startApiProxy({ behind }))
}
