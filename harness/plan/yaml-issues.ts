import type { z } from 'zod'
import type { YamlFile } from './yaml-file.ts'

const maxShown = 8

/** What a document of a file has that it must not, each on a line with its place: `s.yaml:4:3: load.tls: …`. */
export function formatIssues({ findPlace }: YamlFile, { issues }: z.ZodError, document = 0): string {
  const lines = issues.slice(0, maxShown).map((issue) => {
    // A key that there must not be is within what the issue is about.
    const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path
    const at = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
    return `${findPlace(document, keys)}: ${at}${issue.message}`
  })
  const others = issues.length - lines.length
  return [...lines, ...(others > 0 ? [`and ${others} more`] : [])].join('\n')
}
