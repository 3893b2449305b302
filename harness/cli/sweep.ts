/** `nodrop sweep`: deletes what killed runs left behind. The embedded cluster leaves nothing. */
import type { Command } from 'commander'
import { exitCodes } from '../base/fault.ts'
import { clusterKinds } from '../model/cluster-kind.ts'
import { printLines, printNotice } from '../terminal/print.ts'
import { providers } from '../cluster/providers.ts'
import type { Paths } from '../cluster/clusters.ts'
import { resolveContext } from '../cluster/context-options.ts'
import type { ContextCliOptions } from '../cluster/context-options.ts'
import { createAllowContextOption, createContextOption, createKubeconfigOption } from './options.ts'

export function addSweepCommand(program: Command, paths: Paths): void {
  program
    .command('sweep')
    .description(
      'delete the kind clusters, or with --context the namespaces, that killed runs left behind, and undo drains and scalings',
    )
    .addOption(createContextOption())
    .addOption(createKubeconfigOption())
    .addOption(createAllowContextOption())
    .action((options: ContextCliOptions) => sweepCommand(paths, options))
}

/**
 * Objects that killed runs recorded and could not delete; in the cluster of a context also expired ones. The exit code says whether all of them
 * are gone.
 */
async function sweepCommand(paths: Paths, named: ContextCliOptions): Promise<void> {
  const context = named.context === undefined ? {} : { named: resolveContext(named) }
  const chosen = clusterKinds.filter((kind) => named.context === undefined || providers[kind].facts.isNamedByContext)
  const swept: string[] = []
  let isTold = false
  const log = (line: string): void => {
    isTold = true
    printNotice(line)
  }
  const onLeft = (): void => void (process.exitCode = exitCodes.environment)
  for (const kind of chosen) swept.push(...(await providers[kind].sweep({ paths, log, onLeft, ...context })))
  printLines(...swept)
  if (swept.length === 0) printNotice(isTold ? 'Nothing was deleted.' : 'Nothing was left behind.')
}
