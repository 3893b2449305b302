import type { z } from 'zod'
import type { YamlFile } from './yaml-file.ts'

const maxShown = 8

/** What a document of a file has that it must not, each on a line with its place: `s.yaml:4:3: load.tls: …`. */
export function formatIssues({ findPlace }: Pick<YamlFile, 'findPlace'>, { issues }: z.ZodError, document = 0): string {
  const all = issues.flatMap(chooseIssues)
  const lines = all.slice(0, maxShown).map((issue) => {
    // A key that there must not be is within what the issue is about.
    const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path
    const at = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
    return `${findPlace(document, keys)}: ${at}${issue.message}`
  })
  const others = all.length - lines.length
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
