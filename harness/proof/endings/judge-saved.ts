/** Judges runs of the endings again from their files: a change of the judging code needs no new play. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { judgeDirectory } from '../../judge/judge-directory.ts'
import { compareRun } from './compare-run.ts'
import type { PlayedEnding } from './compare-run.ts'
import { formatPlayName } from './table.ts'
import { hasWitnesses } from '../wire/witness-file.ts'

/** The latest run of each ending in each setting on each cluster, below `out`, in the order in which they were played. */
export async function judgeSavedRuns(out: string): Promise<PlayedEnding[]> {
  const latest = new Map<string, PlayedEnding>()
  for (const runDir of listRunDirectories(out)) {
    const [run] = (await judgeDirectory(runDir)).runs
    if (!run) continue
    const played = await compareRun(run, runDir)
    latest.set(`${played.cluster} ${formatPlayName(played)}`, played)
  }
  return [...latest.values()]
}

function listRunDirectories(out: string): string[] {
  return readdirSync(out, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => join(out, name))
    .filter(hasWitnesses)
}
