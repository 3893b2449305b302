import type { RecordedRequest } from '../../testing/api-proxy.ts'

/** `verb resource.group` of a request, as roles name it; undefined for what every known user may ask. */
export function getVerb({ method, path }: RecordedRequest): string | undefined {
  const url = new URL(path, 'https://x')
  const shape =
    /^\/(?:api|apis\/(?<group>[^/]+))\/v1\/(?:namespaces\/[^/]+\/(?=[^/]))?(?<resource>[a-z]+)(?:\/(?<name>[^/]+))?(?:\/(?<sub>[a-z]+))?/
  const { group = '', resource, name, sub } = shape.exec(url.pathname)?.groups ?? {}
  if (resource === undefined || resource.startsWith('selfsubject')) return undefined
  const all = name === undefined
  const reading = url.searchParams.get('watch') === 'true' ? 'watch' : all ? 'list' : 'get'
  const verbs: Record<string, string> = {
    GET: reading,
    POST: 'create',
    PATCH: 'patch',
    PUT: 'update',
    DELETE: all ? 'deletecollection' : 'delete',
  }
  return `${verbs[method]} ${resource}${sub === undefined ? '' : `/${sub}`}.${group}`
}
