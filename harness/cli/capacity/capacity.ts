/** `nodrop capacity`: the rate at which the workload's p99 doubles, so that runs can stay well below it. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { exitCodes } from '../../base/fault.ts'
import type { Paths } from '../../cluster/clusters.ts'
import { measureCapacity } from '../../measure/capacity/measure-capacity.ts'
import type { CapacityOptions } from '../../measure/capacity/measure-capacity.ts'
import { handleInterrupts } from '../../terminal/interrupt.ts'
import { printJson, printLines } from '../../terminal/print.ts'
import { chooseProgress } from '../reporting/reporter-options.ts'
import { createProgress } from '../../terminal/progress.ts'
import { formatCapacity, formatStep } from './capacity-text.ts'
import {
  createClusterOption,
  createKindImageOption,
  parseNames,
  parsePositiveInteger,
  parsePositiveNumber,
} from '../options.ts'

/** Explains the search in measure/capacity/knee.ts. */
const method = `
How: the configuration is deployed and nothing disrupts it. The driver of nodrop run sends an open loop, from the instant a
request is due on, at a low rate for a base (after a warm-up at the same rate), then at rates that rise by half until p99 is
twice the base's or more; then the interval is halved until its ends are 12 % apart. Each step lasts 3 s or 300 requests,
after a second in which nothing counts. A step that looks too slow is taken again, and the better one counts. Lost requests
count as infinitely slow. Where the driver is late the step says nothing, and the search ends. About a minute for each.

The result is kept: nodrop run of the same workload on the same cluster and machine warns when it is asked for more than half.`

export function addCapacityCommand(program: Command, paths: Paths): void {
  program
    .command('capacity')
    .description("find the rate at which a workload's p99 doubles")
    .option(
      '--config <names>',
      'configurations, separated by commas (default: the first that is not there to lose requests)',
      parseNames,
    )
    .option('--scenario <name>', 'whose load and replicas to take', 'rollout')
    .addOption(createClusterOption())
    .addOption(createKindImageOption())
    .option('--replicas <n>', 'pods of the workload', parsePositiveInteger)
    .option(
      '--start <n>',
      "requests per second of the base (default: a quarter of the scenario's)",
      parsePositiveNumber,
    )
    .option('--out <dir>', 'where results and logs are kept', join(paths.reports, 'capacity'))
    .option('--scenarios <dir>', 'where the scenarios are', paths.scenarios)
    .option('--manifests <dir>', 'where base/ and the configurations are', paths.manifests)
    .option('--json', 'print one JSON array with a configuration each')
    .addHelpText('after', method)
    .action(async (_: unknown, command: Command) => {
      process.exitCode = await capacityCommand(command.optsWithGlobals<CapacityCommandOptions>(), paths)
    })
}

type CapacityCommandOptions = CapacityOptions & { json?: boolean; verbose?: boolean; quiet?: boolean }

/** Returns the exit code. */
async function capacityCommand(options: CapacityCommandOptions, paths: Paths): Promise<number> {
  const progress = createProgress(process.stderr, chooseProgress(options))
  const log = (line: string): void => progress.say(line)
  const signal = handleInterrupts(progress, 'letting requests in flight finish')
  const all = await measureCapacity(options, {
    paths,
    log,
    onStep: (configuration, step) => log(`${configuration}: ${formatStep(step)}`),
    signal,
  })
  if (options.json) printJson(all)
  else printLines(...all.flatMap((one) => ['', ...formatCapacity(one)]))
  return all.some(({ kneePerSecond }) => kneePerSecond === null) ? exitCodes.unknown : exitCodes.ok
}
