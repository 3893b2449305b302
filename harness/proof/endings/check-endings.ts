/** Plays the endings on a cluster that is there, tells of each, and says whether enough of the blames are right. */
import { join } from 'node:path'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Paths } from '../../cluster/clusters.ts'
import type { Played } from './compare-run.ts'
import { pairsOf } from './endings.ts'
import { judgeAgain } from './judge-saved.ts'
import { playEndings } from './play-endings.ts'
import type { EndingsOptions } from './play-endings.ts'
import { endingsSum, endingsTable, leastRight, markOfPlay, nameOfPlay, rightShare, wrongLines } from './table.ts'
import type { EndingRow } from './table.ts'

export interface HoldEndingsOptions extends Omit<EndingsOptions, 'out' | 'onPlayed'> {
  /** Parts of the names of those that are to be played; absent: all. */
  only: readonly string[] | undefined
  tell: (lines: readonly string[]) => void
  /** Gets each as soon as it was played. */
  keep: (played: Played) => void
}

export async function holdEndings(cluster: Cluster, options: HoldEndingsOptions): Promise<boolean> {
  const { paths, only, tell, keep } = options
  const onPlayed = (played: Played): void => {
    keep(played)
    tell([`${nameOfPlay(played)}: ${endingsSum([markOfPlay(played)])}`, ...wrongLines(played)])
  }
  const played = await playEndings(cluster, pairsOf(only), { ...options, out: outOf(paths), onPlayed })
  return areRight(played, tell)
}

/** The same of what was played before on any cluster. */
export async function holdEndingsAgain({
  paths,
  tell,
  keep,
}: Pick<HoldEndingsOptions, 'paths' | 'tell' | 'keep'>): Promise<boolean> {
  const played = await judgeAgain(outOf(paths))
  for (const one of played) keep(one)
  tell(played.flatMap(wrongLines))
  return areRight(played, tell)
}

function outOf({ reports }: Paths): string {
  return join(reports, 'runs', 'endings')
}

function areRight(played: readonly Played[], tell: HoldEndingsOptions['tell']): boolean {
  const rows = played.map((one): EndingRow => ({ name: nameOfPlay(one), cluster: one.cluster, mark: markOfPlay(one) }))
  const marks = rows.map(({ mark }) => mark)
  tell([...endingsTable(rows), '', endingsSum(marks)])
  return rightShare(marks) >= leastRight && marks.every(({ contradictions }) => contradictions === 0)
}
