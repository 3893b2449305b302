/** The directories of the runs of each play, and judging the latest run again: a change of the judging code needs no new play. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { judgeDirectory } from '../../judge/judge-directory.ts'
import type { Paths } from '../../cluster/clusters.ts'
import { summarizeAnalysis } from './server-mark.ts'
import type { ServerCluster, ServerMark } from './server-mark.ts'
import { listStrangers } from './strangers.ts'

/** For a play on a cluster; has one directory for each time that it is played. */
export function getPlayDirectory({ reports }: Pick<Paths, 'reports'>, cluster: ServerCluster, play: string): string {
  return join(reports, 'runs', 'servers', cluster, play.replace(' × ', '-'))
}

/** Of the named servers that are not there, those that still count as such. `null` if its runs are not on this machine. */
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
