/** The differences between two sets of texts, line by line. Also runs in the browser, but uses nothing of it. */
import { structuredPatch } from 'diff'

export interface ObjectDiff {
  /** `Deployment web`; `Images` for the images with their digests. */
  name: string
  change: 'added' | 'removed' | 'changed'
  lines: DiffLine[]
}

export interface DiffLine {
  /** `gap`: equal lines are left out here. */
  kind: 'added' | 'removed' | 'same' | 'gap'
  text: string
}

/** Number of equal lines around a difference, so that it can be found in the object. */
const contextLines = 3
/** The search takes time in the square of the number of differences: with more of them the whole text is shown as replaced. */
const maxEditLength = 1_000

/** Objects that differ, in the order of `before`, then those that only `after` has. Empty where there is no difference. */
export function diffDocuments(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ObjectDiff[] {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].flatMap((name) => diffDocument(name, before.get(name) ?? '', after.get(name) ?? ''))
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
