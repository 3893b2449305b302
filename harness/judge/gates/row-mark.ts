/** How a row of the comparison is marked, the same in terminal, Markdown, page and exit code. */
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Verdict } from '../../model/result.ts'

/** The colour: `clean` and `lossy` say only whether requests were lost; `open`: that is unknown. */
export type Tone = 'clean' | 'lossy' | 'open'

export interface RowMark {
  tone: Tone
  /** The same as one character and in words, so that no colour is needed. */
  sign: '✓' | '✗' | '?'
  words: 'none lost' | 'lost' | 'unknown'
  /** Whether it held. */
  held: HeldMark
}

export interface HeldMark {
  /** What decides it. */
  by: 'gates' | 'expectation'
  /** Only `failed` gives exit code 1, only `undecided` 4. */
  result: 'held' | 'failed' | 'undecided'
  /** Small, and coloured only on failure: `kept`, `as expected`. */
  words: string
}

const marks: Record<Verdict, Pick<RowMark, 'tone' | 'sign' | 'words'>> = {
  passed: { tone: 'clean', sign: '✓', words: 'none lost' },
  failed: { tone: 'lossy', sign: '✗', words: 'lost' },
  unknown: { tone: 'open', sign: '?', words: 'unknown' },
}

export function markRow({ result, gates }: Pick<ComparisonRow, 'result' | 'gates'>): RowMark {
  return { ...marks[result.verdict], held: markHeld(result.held, gates === undefined ? 'expectation' : 'gates') }
}

/** `held` is that of a row, or `met` of a gate. */
export function markHeld(held: boolean | null, by: HeldMark['by']): HeldMark {
  const words = {
    gates: { held: 'kept', failed: 'not kept' },
    expectation: { held: 'as expected', failed: 'not as expected' },
  }
  if (held === null) return { by, result: 'undecided', words: 'undecided' }
  const result = held ? 'held' : 'failed'
  return { by, result, words: words[by][result] }
}

/** The result of all rows, which gives the exit code: a failed row outweighs an undecided row and a missing run. */
export function concludeRows(rows: readonly ComparisonRow[]): HeldMark['result'] {
  const results = rows.map((row) => markRow(row).held.result)
  if (results.length === 0) return 'undecided'
  if (results.includes('failed')) return 'failed'
  return results.includes('undecided') || rows.some(({ result }) => result.missing > 0) ? 'undecided' : 'held'
}
