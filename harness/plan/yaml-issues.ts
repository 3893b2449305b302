import type { z } from 'zod'
import { explainUnknownKey } from './config/schema-keys.ts'
import type { YamlFile } from './yaml-file.ts'

const maxShown = 8

/**
 * What a document of a file has that it must not, each on a line with its place: `s.yaml:4:3: load.tls: …`. With the schema a key that is
 * not known is told with the one that it was most likely meant to be.
 */
export function formatIssues(
  { findPlace }: Pick<YamlFile, 'findPlace'>,
  { issues }: z.ZodError,
  document = 0,
  schema?: z.ZodType,
): string {
  const complaints = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && schema !== undefined
      ? issue.keys.map((key) => ({ issue, key, message: explainUnknownKey(schema, issue.path, key) }))
      : [{ issue, key: issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined, message: issue.message }],
  )
  const lines = complaints.slice(0, maxShown).map(({ issue: { path }, key, message }) => {
    // A key that there must not be is within what the issue is about.
    const place = findPlace(document, key === undefined ? path : [...path, key])
    return `${place}: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`
  })
  const others = complaints.length - lines.length
  return [...lines, ...(others > 0 ? [`and ${others} more`] : [])].join('\n')
}
