import { existsSync } from 'node:fs'
import { sweepKind } from '../cluster/kind.ts'
import { kindStateDir } from './clusters.ts'
import type { Paths } from './clusters.ts'

/** `nodrop sweep`: deletes what runs that were killed wrote down and could not delete. The embedded cluster leaves nothing. */
export async function sweepCommand(paths: Paths): Promise<void> {
  const stateDir = kindStateDir(paths)
  const log = (line: string): void => void process.stderr.write(`${line}\n`)
  const swept = existsSync(stateDir) ? await sweepKind(stateDir, log) : []
  for (const name of swept) process.stdout.write(`${name}\n`)
  if (swept.length === 0) log('Nothing was left behind.')
}
