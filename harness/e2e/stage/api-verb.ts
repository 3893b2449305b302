import type { RecordedRequest } from '../../testing/api-proxy.ts'

/** `verb resource.group` of a request, in the form of roles; undefined for requests that every known user may make. */
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
