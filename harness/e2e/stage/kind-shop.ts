/** A kind cluster run by others: a workload of a server without a shell, and a user with only the shipped roles. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubernetesObject, V1ClusterRole } from '@kubernetes/client-node'
import { parseAllDocuments, stringify } from 'yaml'
import { connectApi } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { buildImages, loadImages } from '../../cluster/kind/images.ts'
import { startKindCluster } from '../../cluster/kind/kind-cluster.ts'
import { home } from './nodrop-process.ts'
import { createUserHome, readAccess } from './user-home.ts'
import type { UserHome } from './user-home.ts'

const nodeImage = process.env['NODROP_KIND_IMAGE'] ?? 'kindest/node:v1.34.4'
/** Of the workload. */
export const namespace = 'shop'
const group = 'rbac.authorization.k8s.io'

/** Node without a shell beside it: what is not in the container nodrop cannot need. */
const dockerfile = `
FROM nodrop/driver:dev
USER 0
RUN ["/bin/rm", "-f", "/bin/bash", "/bin/dash", "/bin/sh"]
USER 10001:10001
CMD ["-e", ""]
`
/** Loses nothing: it asks clients to close their kept connections (RFC 9112 §9.6) before it closes those that are idle. */
const server = `
let isStopping = false
const server = require('node:http').createServer((request, response) => {
  if (isStopping) response.setHeader('connection', 'close')
  response.end('cart')
})
server.keepAliveTimeout = 60000
server.listen(3000)
process.on('SIGTERM', () => {
  isStopping = true
  setTimeout(() => server.close(() => process.exit(0)), 4000)
})`

export function buildWorkload(kind: string, name: string, more: object): object[] {
  const app = { 'app.kubernetes.io/name': name }
  const container = {
    name: 'server',
    image: 'nodrop-test/shop:dev',
    args: ['-e', server],
    ports: [{ name: 'web', containerPort: 3000 }],
    readinessProbe: { httpGet: { path: '/ready', port: 'web' }, periodSeconds: 1 },
    lifecycle: { preStop: { sleep: { seconds: 3 } } },
  }
  const podSpec = { terminationGracePeriodSeconds: 15, containers: [container] }
  const template = { metadata: { labels: app }, spec: podSpec }
  const spec = { selector: { matchLabels: app }, template, ...more }
  const ports = [{ port: 8080, targetPort: 'web' }]
  return [
    { apiVersion: 'apps/v1', kind, metadata: { name, namespace }, spec },
    { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { selector: app, ports } },
  ]
}

export interface KindShop {
  admin: KubeApi
  /** Has the contexts `admin` and `measurer`. */
  user: UserHome
  /** As the admin; gives its standard output. */
  kubectl(...args: string[]): string
  /** Binds the shipped roles to the measurer. */
  grantRoles(): Promise<void>
}

/** The namespace is there, and empty, when this resolves. Everything ends with the stack; files are written below `folder`. */
export async function startKindShop(name: string, folder: string, stack: AsyncDisposableStack): Promise<KindShop> {
  const log = (): void => undefined
  const cluster = stack.use(await startKindCluster({ stateDir: folder, name, image: nodeImage, workers: 2, log }))
  const extra = { driver: { node: process.execPath } }
  const sample = await buildImages({ folder: join(home, 'apps'), extra, stateDir: folder, log })
  mkdirSync(join(folder, 'images/shop'), { recursive: true })
  writeFileSync(join(folder, 'images/shop/Dockerfile'), dockerfile)
  const own = await buildImages({ folder: join(folder, 'images'), repository: 'nodrop-test', stateDir: folder, log })
  const needed = sample.filter((image) => /\/(app|driver):/.test(image))
  await loadImages(cluster.kubeconfig, [...needed, ...own], { log })
  const admin = connectApi(cluster.kubeconfig)
  stack.defer(() => admin.close())
  const user = createUserHome(join(folder, 'home'))
  await addContexts(admin, user, cluster.kubeconfig)
  await admin.core.createNamespace({ body: { metadata: { name: namespace } } })
  return {
    admin,
    user,
    kubectl: (...args) => execFileSync('kubectl', ['--context', 'admin', ...args], { env: user.env, encoding: 'utf8' }),
    grantRoles: () => grantRoles(admin),
  }
}

/** `admin` is the user's own; `measurer` has the shipped roles and nothing else. */
async function addContexts(admin: KubeApi, user: UserHome, kubeconfig: string): Promise<void> {
  const { user: own, ...real } = readAccess(kubeconfig)
  user.addContext('admin', real, own)
  const account = { name: 'measurer', namespace: 'default' }
  await admin.core.createNamespacedServiceAccount({ namespace: 'default', body: { metadata: account } })
  const body = { spec: { audiences: [], expirationSeconds: 3600 } }
  const token = await admin.core.createNamespacedServiceAccountToken({ ...account, body })
  user.addContext('measurer', real, { token: token.status?.token ?? '' })
}

export function writeManifest(path: string, objects: object[]): void {
  writeFileSync(path, objects.map((object) => stringify(object)).join('---\n'))
}

export const roles = ['attach.yaml', 'drain.yaml'].flatMap((file) =>
  parseAllDocuments(readFileSync(join(home, 'manifests/rbac', file), 'utf8')).map((one) => one.toJS() as V1ClusterRole),
)

/** As the manifests say: the first role and that for nodes in the whole cluster, the others in the target's namespace. */
async function grantRoles(admin: KubeApi): Promise<void> {
  for (const role of roles) {
    const { name = '' } = role.metadata ?? {}
    const isOfCluster = name === 'nodrop-attach' || name === 'nodrop-drain'
    await admin.objects.create(Object.assign({}, role, { apiVersion: `${group}/v1`, kind: 'ClusterRole' }))
    await admin.objects.create({
      apiVersion: `${group}/v1`,
      kind: isOfCluster ? 'ClusterRoleBinding' : 'RoleBinding',
      metadata: { name, ...(!isOfCluster && { namespace }) },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: 'measurer', namespace: 'default' }],
    } as KubernetesObject)
  }
}
