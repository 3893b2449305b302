/** Judges runs of the endings again, from the files that they left: for a change of what judges nothing need be played. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { judge } from '../../judge/judge-directory.ts'
import { compareRun } from './compare-run.ts'
import type { Played } from './compare-run.ts'
import { nameOfPlay } from './table.ts'
import { hasWitnesses } from '../wire/witness-file.ts'

/** The latest run of each ending in each setting on each cluster, below `out`, in the order in which they were played. */
export async function judgeAgain(out: string): Promise<Played[]> {
  const latest = new Map<string, Played>()
  for (const runDir of runDirsIn(out)) {
    const [run] = (await judge(runDir)).runs
    if (!run) continue
    const played = await compareRun(run, runDir)
    latest.set(`${played.cluster} ${nameOfPlay(played)}`, played)
  }
  return [...latest.values()]
}

function runDirsIn(out: string): string[] {
  return readdirSync(out, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => join(out, name))
    .filter(hasWitnesses)
}
