/** `nodrop run`: every run of a comparison in turn, and the report at the end. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { exitCodes } from '../base/fault.ts'
import type { Paths } from '../cluster/clusters.ts'
import { runComparison } from '../measure/run-comparison.ts'
import type { RunComparisonOptions } from '../measure/run-comparison.ts'
import { handleInterrupts } from '../terminal/interrupt.ts'
import { createProgress } from '../terminal/progress.ts'
import {
  createAllowContextOption,
  createClusterOption,
  createContextOption,
  createEngineOption,
  createKindImageOption,
  createKubeconfigOption,
  createViaOption,
  parseDriverCount,
  parseImageName,
  parseNames,
  parseNonNegativeInteger,
  parsePositiveInteger,
  parsePositiveNumber,
  parseRegistry,
} from './options.ts'
import { computeExitCode, printResults, throwIfUnwritten } from './results.ts'

export interface RunCommandOptions extends RunComparisonOptions {
  json?: boolean
  verbose?: boolean
}

export function addRunCommand(program: Command, paths: Paths): void {
  program
    .command('run')
    .description('disrupt each configuration under load and tell what was lost')
    .option('--scenario <names>', 'scenarios, separated by commas', parseNames, ['rollout'])
    .option('--config <names>', 'configurations, separated by commas (default: all)', parseNames)
    .addOption(createClusterOption('kubeconfig'))
    .addOption(createContextOption())
    .addOption(createKubeconfigOption())
    .addOption(createAllowContextOption())
    .option(
      '--image-registry <prefix>',
      "where that cluster's nodes pull nodrop/app, nodrop/nginx and nodrop/driver from",
      parseRegistry,
    )
    .addOption(createKindImageOption())
    .option('--keep', 'leave a kind cluster that was started for this, and say how to reach it')
    .option('--rate <n>', 'requests per second, over all lanes', parsePositiveNumber)
    .addOption(createEngineOption())
    .option('--connections <n>', 'requests in flight at all times, with --engine autocannon', parsePositiveInteger)
    .option('--drivers <n>', 'pods that share the load', parseDriverCount, 1)
    .option(
      '--driver-image <image>',
      'image of these pods: any with node in its path (default: nodrop/driver)',
      parseImageName,
    )
    .option(
      '--driver-cpu <cores>',
      'whole cores for each of them, as its requests and its limits',
      parsePositiveInteger,
    )
    .addOption(createViaOption())
    .option('--replicas <n>', 'pods of the workload', parsePositiveInteger)
    .option('--rounds <n>', 'how often to repeat the comparison, in random order each time', parsePositiveInteger, 1)
    .option(
      '--repeats <n>',
      'rounds repeated when disturbed, for each configuration (default: half as many)',
      parseNonNegativeInteger,
    )
    .option(
      '--full-records <n>',
      'requests a log keeps one by one; beyond, the lost and the slow (2 million)',
      parsePositiveInteger,
    )
    .option('--seed <n>', 'seed of the order and of the load', parsePositiveInteger, 1)
    .option('--out <dir>', 'where to write the comparison', join(paths.reports, 'runs'))
    .option('--scenarios <dir>', 'where the scenarios are', paths.scenarios)
    .option('--manifests <dir>', 'where base/ and the configurations are', paths.manifests)
    .option('--json', 'print one JSON array with a run each instead of the table')
    .action(async (_: unknown, command: Command) => {
      process.exitCode = await runCommand(command.optsWithGlobals(), paths)
    })
}

/** Gives the exit code. */
export async function runCommand(options: RunCommandOptions, paths: Paths): Promise<number> {
  const progress = createProgress(process.stderr, options.verbose)
  const signal = handleInterrupts(progress)
  const { directory, judged, failure } = await runComparison(options, { paths, progress, signal })
  if (judged !== null) printResults(judged, directory, options)
  if (failure !== undefined) throw failure
  if (judged !== null) throwIfUnwritten(judged)
  if (signal.aborted) return exitCodes.interrupted
  return judged === null ? exitCodes.unknown : computeExitCode(judged)
}
