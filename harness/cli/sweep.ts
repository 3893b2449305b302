/** `nodrop sweep`: deletes what runs that were killed left behind. The embedded cluster leaves nothing. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { abandonedSessions, sweepContext } from '../cluster/context/context-cluster.ts'
import { sweepKind } from '../cluster/kind/kind-cluster.ts'
import { printLines, printNotice } from '../terminal/print.ts'
import { getKindStateDir } from '../cluster/clusters.ts'
import type { Paths } from '../cluster/clusters.ts'
import { resolveContext, getContextStateDir } from '../cluster/context-options.ts'
import type { ContextCliOptions } from '../cluster/context-options.ts'
import { createAllowContextOption, createContextOption, createKubeconfigOption } from './options.ts'

export function addSweepCommand(program: Command, paths: Paths): void {
  program
    .command('sweep')
    .description('delete the kind clusters, or with --context the namespaces, that killed runs left behind')
    .addOption(createContextOption())
    .addOption(createKubeconfigOption())
    .addOption(createAllowContextOption())
    .action((options: ContextCliOptions) => sweepCommand(paths, options))
}

/** What killed runs recorded and could not delete; in the cluster of a context also what has expired. */
async function sweepCommand(paths: Paths, named: ContextCliOptions): Promise<void> {
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
