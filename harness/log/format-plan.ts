/** How what was asked is written down: everything of it, but for values of headers and environments, which may be credentials. */
import { createHash } from 'node:crypto'

const hashed = new Set(['headers', 'env'])

/** JSON in which each value of an object `headers` or `env` is its SHA-256, so that equal ones can still be told from others. */
export function formatPlan(asked: object): string {
  const text = JSON.stringify(asked, (key, value: unknown) => (hashed.has(key) ? hashValues(value) : value), 2)
  return `${text}\n`
}

/** A container's `env` is a list, whose values are hashed when it is read. */
function hashValues(fields: unknown): unknown {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return fields
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, `sha256:${hashText(String(value))}`]))
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
