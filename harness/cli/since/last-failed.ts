/** `nodrop run --last-failed` and `--resume`: the remaining work of an existing comparison. */
import { relative } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { readSavedComparison } from '../../judge/saved/read-comparison.ts'
import { compareConfigurations } from '../../judge/verdict/compare-configurations.ts'
import type { RunComparisonOptions } from '../../measure/run-comparison.ts'
import { printNotice } from '../../terminal/print.ts'
import { findLatestComparison } from './baseline.ts'

/**
 * The scenarios and configurations of the latest comparison that did not hold or had no verdict, as options. Throws a usage Fault without a
 * comparison: no measurement is no success.
 */
export async function selectLastFailed(
  options: RunComparisonOptions,
): Promise<Pick<RunComparisonOptions, 'scenario' | 'config' | 'only' | 'aa'>> {
  if (options.command?.length) {
    throw new Fault('usage', 'Cannot use --last-failed with a command', 'Leave it out: the command is what is run.')
  }
  const latest = findLatestComparison(options.out)
  const { id, runs } = await readSavedComparison(latest)
  const only = compareConfigurations(runs).filter(({ result }) => result.held !== true || result.missing > 0)
  if (only.length === 0) {
    throw new Fault('usage', `Cannot use --last-failed: nothing failed in ${id}`, 'Leave it out.')
  }
  printNotice(`Of ${id}: ${only.map(({ scenario, configuration }) => `${scenario} × ${configuration}`).join(', ')}`)
  // The second name of a configuration that was played twice is in no folder; the first is played twice again.
  const pairs = only.map(({ scenario, configuration, sameAs = configuration }) => ({ scenario, configuration: sameAs }))
  const [aa] = only.flatMap(({ sameAs }) => sameAs ?? [])
  const listNames = (key: 'scenario' | 'configuration'): string[] => [...new Set(pairs.map((pair) => pair[key]))]
  const scenario = listNames('scenario')
  // A target is measured as it runs: its only configuration is in no folder.
  if (options.target !== undefined) return { scenario }
  return { scenario, config: listNames('configuration'), only: pairs, ...(aa !== undefined && { aa }) }
}

export function formatResumeAdvice(directory: string): string {
  const command = `nodrop run --resume ${relative('.', directory)}`
  return `${command} runs what is missing. A target, its context and folders of your own are to be named again.`
}
