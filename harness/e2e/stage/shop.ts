/** A Deployment that nodrop did not deploy, with a Service: both have other names than the sample's, and no answer names a pod. */
import { createApi } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import type { ApiProxy } from '../../testing/api-proxy.ts'
import { waitUntil } from '../../testing/residue.ts'

/** Also the name of the Deployment and the Service. */
export const shop = 'shop'

const labels = { 'app.kubernetes.io/name': shop }
const container = {
  name: 'web',
  image: 'nodrop/app:dev',
  env: [{ name: 'SHOP', value: 'a-secret-of-the-shop' }],
  ports: [{ name: 'web', containerPort: 8000 }],
  readinessProbe: { httpGet: { path: '/healthz', port: 'web' }, periodSeconds: 1 },
  lifecycle: { preStop: { sleep: { seconds: 2 } } },
}
const deployment = {
  metadata: { name: shop },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 8, containers: [container] } },
  },
}
const service = { metadata: { name: shop }, spec: { selector: labels, ports: [{ port: 8080, targetPort: 'web' }] } }

/** Its two pods are ready when this resolves; returns the API of its cluster, until the stack is disposed of. */
export async function deployShop(target: ApiProxy, stack: AsyncDisposableStack): Promise<KubeApi> {
  const kubeconfig = target.kubeconfig('x').replace('{', '{"current-context":"x",')
  const api = stack.adopt(createApi(kubeconfig), ({ close }) => close())
  await api.core.createNamespace({ body: { metadata: { name: shop } } })
  await api.core.createNamespacedService({ namespace: shop, body: service })
  await api.apps.createNamespacedDeployment({ namespace: shop, body: deployment })
  await waitUntil(async () => {
    const { status } = await api.apps.readNamespacedDeployment({ name: shop, namespace: shop })
    return status?.availableReplicas === 2
  })
  return api
}
