/** How what was asked is written down: everything of it, but for values of headers, which may be credentials. */
import { createHash } from 'node:crypto'

/** JSON in which each value of an object `headers` is its SHA-256, so that equal ones can still be told from others. */
export function formatPlan(asked: object): string {
  const text = JSON.stringify(asked, (key, value: unknown) => (key === 'headers' ? hashValues(value) : value), 2)
  return `${text}\n`
}

function hashValues(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) return headers
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `sha256:${hashText(String(value))}`]))
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
