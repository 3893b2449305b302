import type { z } from 'zod'
import { explainUnknownKey } from './config/schema-keys.ts'
import type { YamlFile } from './yaml-file.ts'

const maxShown = 8

interface Problem {
  issue: z.core.$ZodIssue
  /** That there must not be. */
  key: string | null
}

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
  const problems = issues.flatMap(chooseIssues).flatMap((issue): Problem[] =>
    issue.code !== 'unrecognized_keys'
      ? [{ issue, key: null }]
      : // With the schema each of them has a line.
        issue.keys.slice(0, schema === undefined ? 1 : undefined).map((key) => ({ issue, key })),
  )
  const lines = problems.slice(0, maxShown).map(({ issue: { path, message }, key }) => {
    // A key that there must not be is within what the issue is about.
    const place = findPlace(document, key === null ? path : [...path, key])
    const says = key === null || schema === undefined ? message : explainUnknownKey(schema, path, key)
    return `${place}: ${path.length === 0 ? '' : `${path.join('.')}: `}${says}`
  })
  const others = problems.length - lines.length
  return [...lines, ...(others > 0 ? [`and ${others} more`] : [])].join('\n')
}

type Issue = z.core.$ZodIssue

/** Of a value that may be of several kinds what is wrong with the one that it comes closest to: whose issues lie deepest. */
function chooseIssues(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const computeDepth = (issues: readonly Issue[]): number => Math.min(...issues.map(({ path }) => path.length))
  const branches = issue.errors.map((errors) => errors.flatMap(chooseIssues)).filter(({ length }) => length > 0)
  const [closest] = branches.toSorted((a, b) => computeDepth(b) - computeDepth(a))
  if (closest === undefined || computeDepth(closest) === 0) return [issue]
  return closest.map((one) => ({ ...one, path: [...issue.path, ...one.path] }))
}
