/** `nodrop watch TARGET`: observes a workload that runs already while others disrupt it. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { exitCodes, Fault } from '../base/fault.ts'
import type { Paths } from '../cluster/clusters.ts'
import type { RunComparisonOptions } from '../measure/run-comparison.ts'
import { formatPreview } from '../measure/attach/preview.ts'
import { runWatch } from '../measure/watch/run-watch.ts'
import { handleInterrupts } from '../terminal/interrupt.ts'
import { printLines } from '../terminal/print.ts'
import { createProgress } from '../terminal/progress.ts'
import { addConfigFileOptions, applyConfigFile } from './config/config-options.ts'
import {
  createAllowContextOption,
  createContextOption,
  createKubeconfigOption,
  parseDuration,
  parseImageName,
  parsePositiveInteger,
  parsePositiveNumber,
  parseRegistry,
} from './options.ts'
import { addReporterOptions, chooseProgress, chooseReporters } from './reporting/reporter-options.ts'
import type { ReporterOptions } from './reporting/reporter-options.ts'
import { computeEndingCode, computeExitCode, printResults, throwIfUnwritten } from './results.ts'
import { addTargetOptions, addTrackingOptions } from './run.ts'

interface WatchCommandOptions extends RunComparisonOptions, ReporterOptions {
  rollouts?: number
  /** In milliseconds. */
  for?: number
  verbose?: boolean
  quiet?: boolean
}

export function addWatchCommand(program: Command, paths: Paths): void {
  addConfigFileOptions(addReporterOptions(addTrackingOptions(addTargetOptions(program.command('watch')))))
    .argument(
      '[target]',
      'deployment/NAME, statefulset/NAME, daemonset/NAME or service/NAME, as it runs (default: that of the settings)',
    )
    .description('send load to a workload that runs already, and judge what each replacement of its pods costs')
    .addOption(createContextOption())
    .addOption(createKubeconfigOption())
    .addOption(createAllowContextOption())
    .option('--rate <n>', 'requests per second, over all lanes (default: 20)', parsePositiveNumber)
    .option('--rollouts <n>', 'end after this many episodes, rollouts or others', parsePositiveInteger)
    .option('--for <duration>', 'end after 30s, 10m or 2h, and the episode that goes on then', parseDuration)
    .option('--image-registry <prefix>', "where that cluster's nodes pull nodrop/driver from", parseRegistry)
    .option('--driver-image <image>', 'image of the driver: any with Node 24 as node in its path', parseImageName)
    .option('--out <dir>', 'where to write what was seen', join(paths.reports, 'runs'))
    .option('--manifests <dir>', 'where base/ is', paths.manifests)
    .action(async (named: string | undefined, _: unknown, command: Command) => {
      const words = { ...(named !== undefined && { target: named }), command: [] }
      const { target, ...given } = await applyConfigFile<GivenOptions>(command, words)
      if (target === undefined) {
        throw new Fault(
          'usage',
          'Cannot watch: no target is named',
          'Give one, such as deployment/shop, or write it into nodrop.config.ts (nodrop init deployment/shop).',
        )
      }
      process.exitCode = await watchCommand({ ...given, ...fixedOptions, target, scenarios: paths.scenarios }, paths)
    })
}

type GivenOptions = WatchCommandOptions & { configFile?: string | false }

const heartbeatMs = 60_000

/** Options of a run that have only one sensible value in a watch. */
const fixedOptions: Pick<
  RunComparisonOptions,
  'cluster' | 'scenario' | 'engine' | 'drivers' | 'via' | 'rounds' | 'seed'
> = { cluster: 'auto', scenario: [], engine: 'driver', drivers: 1, via: { kind: 'service' }, rounds: 1, seed: 1 }

/** Returns the exit code. */
async function watchCommand(options: WatchCommandOptions, paths: Paths): Promise<number> {
  const { rollouts, for: forMs, ...rest } = options
  chooseReporters(options)
  // It runs for hours, so a line a minute is enough.
  const progress = createProgress(process.stderr, { ...chooseProgress(options), heartbeatMs })
  const signal = handleInterrupts(progress)
  const limits = { ...(rollouts !== undefined && { episodes: rollouts }), ...(forMs !== undefined && { forMs }) }
  const { directory, judged, failure, preview } = await runWatch(rest, limits, { paths, progress, signal })
  if (preview) {
    printLines(...(options.json ? [JSON.stringify(preview, null, 2)] : formatPreview(preview)))
    return exitCodes.ok
  }
  if (judged === null) {
    if (failure !== undefined) throw failure
    return exitCodes.interrupted
  }
  // Without a limit an interrupt is the normal end.
  const isInterrupted = signal.aborted && Object.keys(limits).length > 0
  const getExitCode = (unwritten: readonly unknown[]): number =>
    computeEndingCode(computeExitCode(judged), { failure, isInterrupted, unwritten })
  const told = await printResults(judged, { directory, getExitCode }, options)
  if (failure !== undefined) throw failure
  throwIfUnwritten(told)
  return getExitCode([])
}
