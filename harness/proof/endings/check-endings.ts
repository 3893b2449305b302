/** Plays the endings on a running cluster, prints each result, and decides whether enough of the attributions are right. */
import { join } from 'node:path'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Paths } from '../../cluster/clusters.ts'
import type { PlayedEnding } from './compare-run.ts'
import { selectPairs } from './endings.ts'
import { judgeSavedRuns } from './judge-saved.ts'
import { playEndings } from './play-endings.ts'
import type { EndingsOptions } from './play-endings.ts'
import {
  formatEndingsSummary,
  formatEndingsTable,
  minRightShare,
  toEndingMark,
  formatPlayName,
  computeRightShare,
  formatWrongBlames,
} from './table.ts'
import type { EndingRow } from './table.ts'

export interface CheckEndingsOptions extends Omit<EndingsOptions, 'out' | 'onPlayed'> {
  /** Parts of the names of those to play; absent: all. */
  only: readonly string[] | undefined
  onLines: (lines: readonly string[]) => void
  /** Called with each as soon as it was played. */
  save: (played: PlayedEnding) => void
}

export async function checkEndings(cluster: Cluster, options: CheckEndingsOptions): Promise<boolean> {
  const { paths, only, onLines, save } = options
  const onPlayed = (played: PlayedEnding): void => {
    save(played)
    onLines([
      `${formatPlayName(played)}: ${formatEndingsSummary([toEndingMark(played)])}`,
      ...formatWrongBlames(played),
    ])
  }
  const played = await playEndings(cluster, selectPairs(only), { ...options, out: getOutDirectory(paths), onPlayed })
  return areBlamesRight(played, onLines)
}

/** The same for earlier plays on any cluster. */
export async function recheckEndings({
  paths,
  onLines,
  save,
}: Pick<CheckEndingsOptions, 'paths' | 'onLines' | 'save'>): Promise<boolean> {
  const played = await judgeSavedRuns(getOutDirectory(paths))
  for (const one of played) save(one)
  onLines(played.flatMap(formatWrongBlames))
  return areBlamesRight(played, onLines)
}

function getOutDirectory({ reports }: Paths): string {
  return join(reports, 'runs', 'endings')
}

function areBlamesRight(played: readonly PlayedEnding[], tell: CheckEndingsOptions['onLines']): boolean {
  const rows = played.map((one): EndingRow => ({
    name: formatPlayName(one),
    cluster: one.cluster,
    mark: toEndingMark(one),
  }))
  const marks = rows.map(({ mark }) => mark)
  tell([...formatEndingsTable(rows), '', formatEndingsSummary(marks)])
  return computeRightShare(marks) >= minRightShare && marks.every(({ contradictions }) => contradictions === 0)
}
