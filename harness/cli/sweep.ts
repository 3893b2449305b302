import { existsSync } from 'node:fs'
import { abandonedSessions, sweepContext } from '../cluster/context/context-cluster.ts'
import { sweepKind } from '../cluster/kind/kind-cluster.ts'
import { printLines, printNotice } from '../terminal/print.ts'
import { getKindStateDir } from '../cluster/clusters.ts'
import type { Paths } from '../cluster/clusters.ts'
import { resolveContext, getContextStateDir } from '../cluster/context-options.ts'
import type { ContextCliOptions } from '../cluster/context-options.ts'

/**
 * `nodrop sweep`: deletes what runs that were killed wrote down and could not delete, and in the cluster of a context also what
 * has expired. The embedded cluster leaves nothing.
 */
export async function sweepCommand(paths: Paths, named: ContextCliOptions): Promise<void> {
  const swept =
    named.context === undefined
      ? await sweepMachine(paths, printNotice)
      : await sweepContextCluster(paths, named, printNotice)
  printLines(...swept)
  if (swept.length === 0) printNotice('Nothing was left behind.')
}

/** No cluster is written to that was not named: what was left there is only told of. */
async function sweepMachine(paths: Paths, log: (line: string) => void): Promise<string[]> {
  for (const { context, namespaces } of abandonedSessions(getContextStateDir(paths))) {
    log(`There may be ${namespaces().join(', ')} in the cluster of ${context}: nodrop sweep --context ${context}`)
  }
  const stateDir = getKindStateDir(paths)
  return existsSync(stateDir) ? sweepKind(stateDir, log) : []
}

function sweepContextCluster(paths: Paths, named: ContextCliOptions, log: (line: string) => void): Promise<string[]> {
  return sweepContext({ ...resolveContext(named), stateDir: getContextStateDir(paths), log })
}
