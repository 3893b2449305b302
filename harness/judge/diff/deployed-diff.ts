/** How what two runs deployed differs: objects as YAML, compared line by line. */
import { structuredPatch } from 'diff'
import { stringify } from 'yaml'
import type { Deployed, DeployedObject } from '../../model/deployed.ts'

export interface ObjectDiff {
  /** `Deployment web`; `Images` for the images with their digests. */
  name: string
  change: 'added' | 'removed' | 'changed'
  lines: DiffLine[]
}

export interface DiffLine {
  /** `gap`: lines that are the same in both are left out here. */
  kind: 'added' | 'removed' | 'same' | 'gap'
  text: string
}

/** Lines without a difference that stand around one, so that it can be found in the object. */
const contextLines = 3
/** The search for the least difference takes the square of its length: what differs in more lines is shown as replaced. */
const maxEditLength = 1_000

/** Objects that differ, in the order of `before`, then those that only `after` has. Empty where there is no difference. */
export function diffDeployed(before: Deployed, after: Deployed): ObjectDiff[] {
  const [old, current] = [listDocuments(before), listDocuments(after)]
  const names = new Set([...old.keys(), ...current.keys()])
  return [...names].flatMap((name) => diffDocument(name, old.get(name) ?? '', current.get(name) ?? ''))
}

function diffDocument(name: string, before: string, after: string): ObjectDiff[] {
  if (before === after) return []
  const change = before === '' ? 'added' : after === '' ? 'removed' : 'changed'
  const patch =
    change === 'changed'
      ? structuredPatch(name, name, before, after, '', '', { context: contextLines, maxEditLength })
      : undefined
  if (patch === undefined) return [{ name, change, lines: [...toLines('removed', before), ...toLines('added', after)] }]
  const lines = patch.hunks.flatMap((hunk, index) => [
    ...(index === 0 ? [] : [{ kind: 'gap' as const, text: '' }]),
    ...hunk.lines.map(toDiffLine),
  ])
  return [{ name, change, lines }]
}

function toLines(kind: DiffLine['kind'], text: string): DiffLine[] {
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => ({ kind, text: line }))
}

const kindOfSign: Record<string, DiffLine['kind']> = { '+': 'added', '-': 'removed', ' ': 'same' }

function toDiffLine(line: string): DiffLine {
  return { kind: kindOfSign[line[0] ?? ''] ?? 'gap', text: line.slice(1) }
}

/** YAML by kind and name: keys sorted, and no line folded, so that lines can be held against each other. */
function listDocuments({ objects, images }: Deployed): Map<string, string> {
  const documents = Map.groupBy(objects, ({ kind, metadata }) => `${kind} ${metadata.name}`)
  const texts = [...documents].map(([name, same]): [string, string] => [name, same.map(formatYaml).join('---\n')])
  const digests = images.map(({ name, digest }) => `${name}${digest === null ? '' : `@${digest}`}\n`)
  return new Map([...texts, ['Images', digests.join('')]])
}

function formatYaml(object: DeployedObject): string {
  return stringify(object, { sortMapEntries: true, lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false })
}
