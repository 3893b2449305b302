/** The address that the load is sent to: the Service itself, a port of a node, or the cluster's ingress controller. */
import type { KubernetesObject, V1Ingress, V1Service } from '@kubernetes/client-node'
import type { KubeApi } from '../../cluster/api.ts'
import { findPublicAddress } from '../../cluster/context/safety.ts'
import { Fault } from '../../base/fault.ts'
import type { Via } from '../../model/plan.ts'
import type { Workload } from '../../model/workload.ts'
import { waitUntil } from '../../base/polling.ts'
import { callApi, readServiceAddress } from './workload.ts'

export interface EntryPoint {
  target: { host: string; port: number }
  /** The `Host` of requests, where it differs from the target's address. */
  authority: string | null
}

const ingressLimitMs = 60_000

/** Adapts the objects to that entry point: Services open a port of the nodes, or an Ingress routes to the workload's Service. */
export function exposeServices(
  objects: readonly KubernetesObject[],
  via: Via,
  workload: Pick<Workload, 'name' | 'service'>,
): KubernetesObject[] {
  if (via.kind === 'service' || via.kind === 'url') return [...objects]
  if (via.kind === 'ingress') return [...objects, buildIngress(via.host, workload)]
  return objects.map((object) => {
    const copy = structuredClone(object) as V1Service
    if (copy.kind === 'Service') (copy.spec ??= {}).type = 'NodePort'
    return copy
  })
}

function buildIngress(host: string, { name, service }: Pick<Workload, 'name' | 'service'>): V1Ingress {
  const number = service.ports[0]?.port ?? 80
  const backend = { service: { name: service.name, port: { number } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, labels: { app: name } },
    spec: { rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
  }
}

export interface EntryPointOptions {
  api: KubeApi
  namespace: string
  workload: Pick<Workload, 'name' | 'service'>
  via: Via
  /** Whether the target may be a public address. */
  mayBePublic: boolean
  signal: AbortSignal
}

/** The way to the workload. */
export async function findEntryPoint(options: EntryPointOptions): Promise<EntryPoint> {
  const { via, workload } = options
  if (via.kind === 'ingress') return findIngressEntryPoint(via, options)
  if (via.kind === 'url') return { target: { host: via.address, port: via.port }, authority: formatAuthority(via) }
  const found = await findServiceAddress(options, workload.service.name)
  // The first port in the plan, which may differ from the first of the Service.
  const [first] = via.kind === 'service' ? workload.service.ports : []
  return { target: first ? { ...found, port: first.port } : found, authority: null }
}

/** RFC 9110 §7.2: with the port, unless it is the default of the scheme. */
function formatAuthority({ scheme, host, port }: Extract<Via, { kind: 'url' }>): string {
  const name = host.includes(':') ? `[${host}]` : host
  return port === (scheme === 'https' ? 443 : 80) ? name : `${name}:${port}`
}

/** The address of a Service by that entry point. The host name of an Ingress is the workload's; other Services are reached directly. */
export function findServiceAddress(
  { api, namespace, via }: Pick<EntryPointOptions, 'api' | 'namespace' | 'via'>,
  name: string,
): Promise<EntryPoint['target']> {
  return via.kind === 'nodeport' ? findNodeAddress(api, namespace, name) : readServiceAddress(api, namespace, name)
}

/** A Service's port of a node, preferably not the first driver's: most clients connect from elsewhere. */
async function findNodeAddress(api: KubeApi, namespace: string, name: string): Promise<EntryPoint['target']> {
  const service = await callApi(`read the Service ${name}`, () => api.core.readNamespacedService({ name, namespace }))
  const { items } = await callApi("list the run's pods", () => api.core.listNamespacedPod({ namespace }))
  const listNodes = (app: string, is: boolean): string[] =>
    items
      .filter(({ metadata }) => (metadata?.labels?.['app'] === app) === is)
      .flatMap(({ status }) => status?.hostIP ?? [])
  const [driver = ''] = listNodes('driver', true).sort()
  const others = listNodes('driver', false).sort()
  const port = service.spec?.ports?.[0]?.nodePort
  if (port === undefined || driver === '') throw new Fault('unknown', `Cannot find the port of the nodes for ${name}`)
  return { host: others.find((host) => host !== driver) ?? driver, port }
}

async function findIngressEntryPoint(
  { host, port }: Extract<Via, { kind: 'ingress' }>,
  { api, namespace, workload: { name }, mayBePublic, signal }: EntryPointOptions,
): Promise<EntryPoint> {
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}`
  let address = ''
  await waitUntil(`an ingress controller to take ${host} up`, { limitMs: ingressLimitMs, signal }, async () => {
    const { status, body } = await api.request({ path, signal })
    if (status !== 200) return `the API answers ${status}`
    const [first] = (JSON.parse(body) as V1Ingress).status?.loadBalancer?.ingress ?? []
    address = first?.ip ?? first?.hostname ?? ''
    return address === '' ? 'the Ingress has no address: is there a controller, and a default class?' : null
  })
  const far = mayBePublic ? undefined : await findPublicAddress(address)
  if (far !== undefined) {
    const advice = 'The load would leave the cluster. If that is meant: --allow-context with the name of the context.'
    throw new Fault('usage', `Cannot send load to ${host} at ${far}: it is a public address`, advice)
  }
  return { target: { host: address, port }, authority: port === 80 ? host : `${host}:${port}` }
}
