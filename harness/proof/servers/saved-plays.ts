/** Where the runs of each play are, and judging the latest of them again: for a change of what judges nothing need be played. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { judgeDirectory } from '../../judge/judge-directory.ts'
import type { Paths } from '../../cluster/clusters.ts'
import { summarizeAnalysis } from './server-mark.ts'
import type { ServerCluster, ServerMark } from './server-mark.ts'
import { listStrangers } from './strangers.ts'

/** Of a play on a cluster; gets a directory for each time that it is played. */
export function getPlayDirectory({ reports }: Pick<Paths, 'reports'>, cluster: ServerCluster, play: string): string {
  return join(reports, 'runs', 'servers', cluster, play.replace(' × ', '-'))
}

/** Of what named a server that is not there, what still counts as that. `null` where its runs are not on this machine. */
export async function rejudgePlay(
  directory: string,
  { mark, known }: { mark: ServerMark; known: readonly string[] },
): Promise<ServerMark | null> {
  const latest = existsSync(directory) ? readdirSync(directory).sort().at(-1) : undefined
  if (latest === undefined) return null
  const [run] = (await judgeDirectory(join(directory, latest))).runs
  const strangers = mark.strangers.flatMap((line) => listStrangers(line, known))
  return run ? { ...mark, ...summarizeAnalysis(run.analysis), strangers } : null
}
