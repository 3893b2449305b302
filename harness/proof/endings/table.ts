/** The results of the endings, for people: each with its losses and whether the right pods were named. */
import { formatTable } from '../conformance/markdown.ts'
import type { PlayedEnding } from './compare-run.ts'

/** The stored part of a play. */
export type EndingMark = Pick<PlayedEnding, 'verdict' | 'sent' | 'lost' | 'kinds' | 'blames' | 'moved' | 'checked'> & {
  contradictions: number
}

export interface EndingRow {
  /** `exit × no-hook`. */
  name: string
  cluster: string
  mark: EndingMark
}

/** Minimum share of right ones among the named pods. */
export const minRightShare = 0.99
/**
 * Minimum share of answered requests that both kernel and server know. A busy machine dates some SYNs too late to distinguish them from
 * others of their port: then only one of the two knows the request.
 */
export const minCheckedShare = 0.9

export function formatPlayName({ ending, setting }: Pick<PlayedEnding, 'ending' | 'setting'>): string {
  return `${ending} × ${setting}`
}

export function toEndingMark({
  verdict,
  sent,
  lost,
  kinds,
  blames,
  moved,
  checked,
  contradictions,
}: PlayedEnding): EndingMark {
  return { verdict, sent, lost, kinds, blames, moved, checked, contradictions: contradictions.length }
}

/** The share among losses with a single named pod; 1 without any. */
export function computeRightShare(marks: readonly Pick<EndingMark, 'blames'>[]): number {
  const right = marks.reduce((sum, { blames }) => sum + blames.right, 0)
  const named = marks.reduce((sum, { blames }) => sum + blames.right + blames.wrong, 0)
  return named === 0 ? 1 : right / named
}

const playColumns = ['server × configuration', 'cluster', 'verdict', 'sent', 'lost', 'kinds']
const blameColumns = ['right', 'one of several', 'wrong', 'undecided', 'moved']

export function formatEndingsTable(rows: readonly EndingRow[]): string[] {
  return formatTable([...playColumns, ...blameColumns], rows.map(formatRow))
}

function formatRow({ name, cluster, mark }: EndingRow): string[] {
  const { verdict, sent, lost, kinds, blames, moved } = mark
  const told = kinds.map(([kind, count]) => `${count} ${kind}`).join(', ')
  const share = sent === 0 ? 0 : (100 * lost) / sent
  const { right, listed, wrong, undecided, unproven } = blames
  const counts = [right, listed, wrong, undecided + unproven, moved].map(String)
  return [name, cluster, verdict, String(sent), `${lost} (${share.toFixed(1)} %)`, told, ...counts]
}

/** A whole table in one sentence. */
export function formatEndingsSummary(marks: readonly EndingMark[]): string {
  const sumBy = (of: (mark: EndingMark) => number): number => marks.reduce((all, mark) => all + of(mark), 0)
  const [right, wrong] = [sumBy(({ blames }) => blames.right), sumBy(({ blames }) => blames.wrong)]
  const unclear = sumBy(({ blames }) => blames.undecided + blames.unproven)
  return [
    `${sumBy(({ lost }) => lost)} of ${sumBy(({ sent }) => sent)} requests lost: one pod blamed for ${right + wrong},`,
    `and right for ${right} (${(100 * computeRightShare(marks)).toFixed(2)} %); several, the right one among them, for`,
    `${sumBy(({ blames }) => blames.listed)}; undecided ${unclear}. Kernel and servers agree about`,
    `${sumBy(({ checked }) => checked)} answered requests and contradict each other about`,
    `${sumBy(({ contradictions }) => contradictions)}.`,
  ].join(' ')
}

/** A line for each wrong attribution and each contradiction, with its place. */
export function formatWrongBlames(played: PlayedEnding): string[] {
  const { wrong, contradictions, cluster, runDir } = played
  const where = `${cluster} ${formatPlayName(played)}`
  const disputed = contradictions.map((text) => `${where} ${text}; ${runDir}`)
  const lines = wrong.map(({ seq, outcome, sentMs, settledMs, blamed, by, truth }) => {
    const named = `${blamed.join(', ') || 'no pod'} (${by ?? 'candidates'})`
    const when = `sent at ${sentMs.toFixed(1)} ms, settled at ${settledMs.toFixed(1)} ms`
    return `${where} #${seq} ${outcome}: blamed ${named}, it was ${truth ?? 'no pod'}; ${when}; ${runDir}`
  })
  return [...lines, ...disputed]
}
