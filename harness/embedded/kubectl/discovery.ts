/** The available resources: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris, discovery and OpenAPI. */
import { formatApiVersion, hasStatusSubresource, kinds } from '../store/objects.ts'
import type { Plural } from '../store/objects.ts'

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const plurals = Object.keys(kinds) as Plural[]
const accessReviews = 'authorization.k8s.io'
const groups: string[] = [...new Set([...plurals.map((plural) => kinds[plural].group), accessReviews])].filter(
  (group) => group !== '',
)

/** The document at a path of discovery; undefined when there is none. */
export function findDiscoveryDocument(path: string): object | undefined {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(createApiGroup) }
  if (path === '/api/v1') return createApiResourceList('')
  if (path === '/openapi/v3') return createOpenApiIndex()
  const [, area, group = '', version, ...rest] = path.split('/')
  if (area === 'openapi') return findOpenApiDocument(path)
  if (area !== 'apis' || !groups.includes(group) || rest.length > 0) return undefined
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...createApiGroup(group) }
  return version === 'v1' ? createApiResourceList(group) : undefined
}

function createApiGroup(name: string): object {
  const version = { groupVersion: `${name}/v1`, version: 'v1' }
  return { name, versions: [version], preferredVersion: version }
}

function createApiResourceList(group: string): object {
  const list = plurals.filter((plural) => kinds[plural].group === group).flatMap(createApiResources)
  const reviews = { name: 'selfsubjectaccessreviews', singularName: 'selfsubjectaccessreview', namespaced: false }
  if (group === accessReviews) list.push({ ...reviews, kind: 'SelfSubjectAccessReview', verbs: ['create'] })
  const groupVersion = group === '' ? 'v1' : `${group}/v1`
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: list }
}

function createApiResources(plural: Plural): object[] {
  const { kind, namespaced, singular, shortNames } = kinds[plural]
  const all = ['pods', 'services', 'deployments', 'replicasets', 'jobs'].includes(plural) ? { categories: ['all'] } : {}
  const list: object[] = [{ name: plural, singularName: singular, namespaced, kind, verbs, shortNames, ...all }]
  const addSubresource = (name: string, more: object): void => {
    list.push({ name: `${plural}/${name}`, singularName: '', namespaced, kind, ...more })
  }
  if (hasStatusSubresource(plural)) addSubresource('status', { verbs: ['get', 'patch', 'update'] })
  if (plural === 'deployments' || plural === 'replicasets') {
    addSubresource('scale', { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] })
  }
  if (plural === 'pods') {
    addSubresource('eviction', { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] })
    addSubresource('log', { verbs: ['get'] })
    addSubresource('proxy', { kind: 'PodProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] })
  }
  return list
}

function formatOpenApiPath(groupVersion: string): string {
  return groupVersion === 'v1' ? 'api/v1' : `apis/${groupVersion}`
}

function createOpenApiIndex(): object {
  const paths = ['v1', ...groups.map((group) => `${group}/v1`)].map(formatOpenApiPath)
  return { paths: Object.fromEntries(paths.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }])) }
}

/**
 * The part of OpenAPI that kubectl reads before it sends an object: that the server validates fields itself (`fieldValidation`). Without
 * schemas kubectl uses its built-in types.
 */
function findOpenApiDocument(path: string): object | undefined {
  const found = plurals.filter((plural) => `/openapi/v3/${formatOpenApiPath(formatApiVersion(kinds[plural]))}` === path)
  if (found.length === 0) return undefined
  const parameters = [{ name: 'fieldValidation', in: 'query', schema: { type: 'string', uniqueItems: true } }]
  const paths = found.map((plural) => {
    const { kind, group, version, namespaced } = kinds[plural]
    const operation = { parameters, 'x-kubernetes-group-version-kind': { group, kind, version }, responses: {} }
    const base = path.replace('/openapi/v3', '')
    const place = namespaced ? `${base}/namespaces/{namespace}/${plural}` : `${base}/${plural}`
    return [`${place}/{name}`, { patch: operation, put: operation }]
  })
  return {
    openapi: '3.0.0',
    info: { title: 'nodrop embedded cluster', version: 'v1.34.4' },
    paths: Object.fromEntries(paths),
  }
}
