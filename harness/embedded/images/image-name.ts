/** Names of images, parsed like github.com/distribution/reference. */
import { RuntimeError } from '../runtime/runtime.ts'

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const host = String.raw`[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?`
const suffix = String.raw`(?::[\w][\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,})?`
const pattern = new RegExp(`^${host}/${component}(?:/${component})*${suffix}$`)

/** `docker.io/library/nginx:latest` for `nginx`. Throws a RuntimeError with the kubelet's text for an invalid name. */
export function normalizeReference(reference: string): string {
  const createInvalidName = (why: string): RuntimeError => {
    const text = `couldn't parse image name "${reference}": invalid reference format${why}`
    return new RuntimeError('InvalidImageName', `Failed to apply default image tag "${reference}": ${text}`)
  }
  const slash = reference.indexOf('/')
  const first = reference.slice(0, Math.max(0, slash))
  const hasHost = slash > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  const rest = hasHost ? reference.slice(slash + 1) : slash > 0 ? reference : `library/${reference}`
  const path = rest.replace(/[:@].*$/, '')
  if (path !== path.toLowerCase()) throw createInvalidName(`: repository name (${path}) must be lowercase`)
  const whole = `${hasHost ? first : 'docker.io'}/${rest}`
  if (!pattern.test(whole)) throw createInvalidName('')
  return rest === path ? `${whole}:latest` : whole
}
