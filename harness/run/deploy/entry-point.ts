/** Where the load goes in: the Service itself, a port of a node, or the cluster's ingress controller. */
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
  /** The `Host` of requests, where it is not the target's address. */
  authority: string | null
}

const ingressLimitMs = 60_000

/** The objects as they must be for that way: Services open a port of the nodes, or an Ingress leads to the workload's. */
export function exposeServices(
  objects: readonly KubernetesObject[],
  via: Via,
  workload: Pick<Workload, 'name' | 'service'>,
): KubernetesObject[] {
  if (via.kind === 'service') return [...objects]
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
  /** Whether an address that everybody can reach may be the target. */
  mayBePublic: boolean
  signal: AbortSignal
}

/** The way to the workload. */
export async function findEntryPoint(options: EntryPointOptions): Promise<EntryPoint> {
  const { via, workload } = options
  if (via.kind === 'ingress') return findIngressEntryPoint(via, options)
  const found = await findServiceAddress(options, workload.service.name)
  // The first of the plan, which may be another than that of the Service.
  const [first] = via.kind === 'service' ? workload.service.ports : []
  return { target: first ? { ...found, port: first.port } : found, authority: null }
}

/** Where a Service is found on that way. The host name of an Ingress is the workload's: to any other Service it goes straight. */
export function findServiceAddress(
  { api, namespace, via }: Pick<EntryPointOptions, 'api' | 'namespace' | 'via'>,
  name: string,
): Promise<EntryPoint['target']> {
  return via.kind === 'nodeport' ? findNodeAddress(api, namespace, name) : readServiceAddress(api, namespace, name)
}

/** A Service's port of a node: of another than the first driver's where pods of the run are on one, as most clients' is. */
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
