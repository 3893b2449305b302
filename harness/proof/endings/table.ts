/** What came of the endings, for people: each with what was lost and whether the right pods were blamed. */
import { table } from '../conformance/markdown.ts'
import type { Played } from './compare-run.ts'

/** What is kept of a play. */
export type EndingMark = Pick<Played, 'verdict' | 'sent' | 'lost' | 'kinds' | 'blames' | 'moved' | 'checked'> & {
  contradictions: number
}

export interface EndingRow {
  /** `exit × no-hook`. */
  name: string
  cluster: string
  mark: EndingMark
}

/** Of the pods that are blamed so many must be the right ones. */
export const leastRight = 0.99
/**
 * Of answered requests so many are known to kernel and server alike. A machine that is busy dates some SYNs too late for them to be told from
 * others of their port: then only one of both knows.
 */
export const leastChecked = 0.9

export function nameOfPlay({ ending, setting }: Pick<Played, 'ending' | 'setting'>): string {
  return `${ending} × ${setting}`
}

export function markOfPlay({ verdict, sent, lost, kinds, blames, moved, checked, contradictions }: Played): EndingMark {
  return { verdict, sent, lost, kinds, blames, moved, checked, contradictions: contradictions.length }
}

/** Of the losses of which one pod is named, as a share; 1 without any. */
export function rightShare(marks: readonly Pick<EndingMark, 'blames'>[]): number {
  const right = marks.reduce((sum, { blames }) => sum + blames.right, 0)
  const named = marks.reduce((sum, { blames }) => sum + blames.right + blames.wrong, 0)
  return named === 0 ? 1 : right / named
}

const head = ['server × configuration', 'cluster', 'verdict', 'sent', 'lost', 'kinds']
const judged = ['right', 'one of several', 'wrong', 'undecided', 'moved']

export function endingsTable(rows: readonly EndingRow[]): string[] {
  return table([...head, ...judged], rows.map(cellsOf))
}

function cellsOf({ name, cluster, mark }: EndingRow): string[] {
  const { verdict, sent, lost, kinds, blames, moved } = mark
  const told = kinds.map(([kind, count]) => `${count} ${kind}`).join(', ')
  const share = sent === 0 ? 0 : (100 * lost) / sent
  const { right, listed, wrong, undecided, unproven } = blames
  const counts = [right, listed, wrong, undecided + unproven, moved].map(String)
  return [name, cluster, verdict, String(sent), `${lost} (${share.toFixed(1)} %)`, told, ...counts]
}

/** All of a table in one sentence. */
export function endingsSum(marks: readonly EndingMark[]): string {
  const sum = (of: (mark: EndingMark) => number): number => marks.reduce((all, mark) => all + of(mark), 0)
  const [right, wrong] = [sum(({ blames }) => blames.right), sum(({ blames }) => blames.wrong)]
  const unclear = sum(({ blames }) => blames.undecided + blames.unproven)
  return [
    `${sum(({ lost }) => lost)} of ${sum(({ sent }) => sent)} requests lost: one pod blamed for ${right + wrong},`,
    `and right for ${right} (${(100 * rightShare(marks)).toFixed(2)} %); several, the right one among them, for`,
    `${sum(({ blames }) => blames.listed)}; undecided ${unclear}. Kernel and servers agree about`,
    `${sum(({ checked }) => checked)} answered requests and contradict each other about`,
    `${sum(({ contradictions }) => contradictions)}.`,
  ].join(' ')
}

/** A line for each wrong blame and each contradiction, with where to look. */
export function wrongLines(played: Played): string[] {
  const { wrong, contradictions, cluster, runDir } = played
  const where = `${cluster} ${nameOfPlay(played)}`
  const disputed = contradictions.map((text) => `${where} ${text}; ${runDir}`)
  const lines = wrong.map(({ seq, outcome, sentMs, settledMs, blamed, by, truth }) => {
    const named = `${blamed.join(', ') || 'nobody'} (${by ?? 'candidates'})`
    const when = `sent at ${sentMs.toFixed(1)} ms, settled at ${settledMs.toFixed(1)} ms`
    return `${where} #${seq} ${outcome}: blamed ${named}, it was ${truth ?? 'no pod'}; ${when}; ${runDir}`
  })
  return [...lines, ...disputed]
}
