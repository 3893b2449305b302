/** How a plan is written: completely, except values of headers, queries, bodies and environments, which may be credentials. */
import { createHash } from 'node:crypto'
import { isReference } from '../model/load/requests.ts'

const hashed = new Set(['headers', 'query', 'env'])

/**
 * JSON in which each value of an object `headers`, `query` or `env`, and each text `body`, is replaced by its SHA-256, so that equal values
 * remain recognisable. A reference to a variable is written unchanged.
 */
export function formatPlan(asked: object): string {
  const text = JSON.stringify(asked, (key, value: unknown) => hideValues(key, value), 2)
  return `${text}\n`
}

function hideValues(key: string, value: unknown): unknown {
  if (key === 'body' && typeof value === 'string') return hashText(value)
  return hashed.has(key) ? hashValues(value) : value
}

/** A container's `env` is a list. Deployed objects are hashed already, except a run's own values, but a patch is not. */
function hashValues(fields: unknown): unknown {
  if (Array.isArray(fields)) return fields.map(hashVariable)
  if (typeof fields !== 'object' || fields === null) return fields
  const hashValue = (value: unknown): unknown => (isReference(value) ? value : hashText(String(value)))
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, hashValue(value)]))
}

function hashVariable(variable: unknown): unknown {
  const { value } = Object(variable) as { value?: unknown }
  if (typeof value !== 'string' || /^(sha256:[0-9a-f]{64}|<run>)$/.test(value)) return variable
  return { ...(variable as object), value: hashText(value) }
}

function hashText(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
