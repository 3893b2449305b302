/** Plays the endings on a cluster that is there, tells of each, and says whether enough of the blames are right. */
import { join } from 'node:path'
import type { Cluster } from '../../cluster/cluster.ts'
import { pairsOf } from './endings.ts'
import { playEndings } from './play-endings.ts'
import type { EndingsOptions, Played } from './play-endings.ts'
import { endingsSum, endingsTable, leastRight, markOfPlay, nameOfPlay, rightShare, wrongLines } from './table.ts'
import type { EndingMark, EndingRow } from './table.ts'

export interface HoldEndingsOptions extends Omit<EndingsOptions, 'out' | 'onPlayed'> {
  /** Parts of the names of those that are to be played; absent: all. */
  only: readonly string[] | undefined
  tell: (lines: readonly string[]) => void
  /** Gets what is to be kept of each as soon as it was played. */
  keep: (name: string, mark: EndingMark) => void
}

export async function holdEndings(cluster: Cluster, options: HoldEndingsOptions): Promise<boolean> {
  const { paths, only, tell, keep } = options
  const out = join(paths.reports, 'runs', 'endings')
  const onPlayed = (played: Played): void => {
    keep(nameOfPlay(played), markOfPlay(played))
    tell([`${nameOfPlay(played)}: ${endingsSum([markOfPlay(played)])}`, ...wrongLines(played)])
  }
  const played = await playEndings(cluster, pairsOf(only), { ...options, out, onPlayed })
  const rows = played.map((one): EndingRow => ({ name: nameOfPlay(one), cluster: cluster.kind, mark: markOfPlay(one) }))
  const marks = rows.map(({ mark }) => mark)
  tell([...endingsTable(rows), '', endingsSum(marks)])
  return rightShare(marks) >= leastRight && marks.every(({ contradictions }) => contradictions === 0)
}
