/** How what was asked is written down: everything of it, but for values of headers and environments, which may be credentials. */
import { createHash } from 'node:crypto'

const hashed = new Set(['headers', 'env'])

/** JSON in which each value of an object `headers` or `env` is its SHA-256, so that equal ones can still be told from others. */
export function formatPlan(asked: object): string {
  const text = JSON.stringify(asked, (key, value: unknown) => (hashed.has(key) ? hashValues(value) : value), 2)
  return `${text}\n`
}

/** A container's `env` is a list, whose values are hashed when it is read; those of a patch are not yet. */
function hashValues(fields: unknown): unknown {
  if (Array.isArray(fields)) return fields.map(hashVariable)
  if (typeof fields !== 'object' || fields === null) return fields
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, `sha256:${hashText(String(value))}`]))
}

function hashVariable(variable: unknown): unknown {
  const { value } = Object(variable) as { value?: unknown }
  if (typeof value !== 'string' || /^sha256:[0-9a-f]{64}$/.test(value)) return variable
  return { ...(variable as object), value: `sha256:${hashText(value)}` }
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
