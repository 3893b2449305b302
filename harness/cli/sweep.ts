import { existsSync } from 'node:fs'
import { abandonedSessions, sweepContext } from '../cluster/context/context-cluster.ts'
import { sweepKind } from '../cluster/kind/kind-cluster.ts'
import { print, tell } from '../terminal/print.ts'
import { kindStateDir } from '../cluster/clusters.ts'
import type { Paths } from '../cluster/clusters.ts'
import { contextOf, contextStateDir } from '../cluster/context-options.ts'
import type { NamedCluster } from '../cluster/context-options.ts'

/**
 * `nodrop sweep`: deletes what runs that were killed wrote down and could not delete, and in the cluster of a context also what
 * has expired. The embedded cluster leaves nothing.
 */
export async function sweepCommand(paths: Paths, named: NamedCluster): Promise<void> {
  const swept = named.context === undefined ? await sweepHere(paths, tell) : await sweepThere(paths, named, tell)
  print(...swept)
  if (swept.length === 0) tell('Nothing was left behind.')
}

/** No cluster is written to that was not named: what was left there is only told of. */
async function sweepHere(paths: Paths, log: (line: string) => void): Promise<string[]> {
  for (const { context, namespaces } of abandonedSessions(contextStateDir(paths))) {
    log(`There may be ${namespaces().join(', ')} in the cluster of ${context}: nodrop sweep --context ${context}`)
  }
  const stateDir = kindStateDir(paths)
  return existsSync(stateDir) ? sweepKind(stateDir, log) : []
}

function sweepThere(paths: Paths, named: NamedCluster, log: (line: string) => void): Promise<string[]> {
  return sweepContext({ ...contextOf(named), stateDir: contextStateDir(paths), log })
}
