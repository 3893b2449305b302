import type { z } from 'zod'
import { explainUnknownKey } from './config/schema-keys.ts'
import type { YamlFile } from './yaml-file.ts'

const maxShown = 8

interface Problem {
  issue: z.core.$ZodIssue
  /** A key that is not allowed. */
  key: string | null
}

/**
 * The problems of a document, one per line with its place: `s.yaml:4:3: load.tls: …`. With the schema, an unknown key is reported with the
 * key that was most likely meant.
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
    // A key that is not allowed is within the issue's value.
    const place = findPlace(document, key === null ? path : [...path, key])
    const says = key === null || schema === undefined ? message : explainUnknownKey(schema, path, key)
    return `${place}: ${path.length === 0 ? '' : `${path.join('.')}: `}${says}`
  })
  const others = problems.length - lines.length
  return [...lines, ...(others > 0 ? [`and ${others} more`] : [])].join('\n')
}

type Issue = z.core.$ZodIssue

/** For a value with several possible kinds, the problems of the closest kind: the one with the deepest issues. */
function chooseIssues(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const computeDepth = (issues: readonly Issue[]): number => Math.min(...issues.map(({ path }) => path.length))
  const branches = issue.errors.map((errors) => errors.flatMap(chooseIssues)).filter(({ length }) => length > 0)
  const [closest] = branches.toSorted((a, b) => computeDepth(b) - computeDepth(a))
  if (closest === undefined || computeDepth(closest) === 0) return [issue]
  return closest.map((one) => ({ ...one, path: [...issue.path, ...one.path] }))
}
