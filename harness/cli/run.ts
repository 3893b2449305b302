/** `nodrop run`: every run of a comparison in turn, and the report at the end. */
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { exitCodes } from '../base/fault.ts'
import type { Paths } from '../cluster/clusters.ts'
import { formatPreview } from '../measure/attach/preview.ts'
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
  collect,
  createViaOption,
  parseDriverCount,
  parseDuration,
  parseImageName,
  parseNames,
  parseNonNegativeInteger,
  parsePositiveInteger,
  parsePositiveNumber,
  parseRegistry,
  parseStatuses,
} from './options.ts'
import { addConfigFileOptions, applyConfigFile } from './config/config-options.ts'
import { addGateOptions, withGates } from './config/gate-options.ts'
import type { GateOptions } from './config/gate-options.ts'
import { printLines } from '../terminal/print.ts'
import { readAsBaseline } from '../judge/saved/read-comparison.ts'
import { selectLastFailed } from './since/last-failed.ts'
import { rejectResumedOptions } from './since/resume-options.ts'
import { addReporterOptions, chooseProgress, chooseReporters } from './reporting/reporter-options.ts'
import type { ReporterOptions } from './reporting/reporter-options.ts'
import { endComparison } from './end-comparison.ts'

export interface RunCommandOptions extends RunComparisonOptions, ReporterOptions {
  /** The file of a baseline, or the directory of a comparison. */
  baseline?: string
  lastFailed?: boolean
  verbose?: boolean
  quiet?: boolean
}

/** `trailing`: the arguments after `--`. */
export function addRunCommand(program: Command, paths: Paths, trailing: readonly string[] = []): void {
  const run = addGateOptions(addTrackingOptions(addTargetOptions(program.command('run'))))
  addConfigFileOptions(addReporterOptions(addSinceOptions(addRoundOptions(run))))
    .argument(
      '[target]',
      'deployment/NAME, statefulset/NAME, daemonset/NAME or service/NAME, measured as it runs; what follows -- disrupts it',
    )
    .description('disrupt each configuration, or a workload that runs already, under load and tell what was lost')
    .usage('[options] [target] [-- command...]')
    .option('--scenario <names>', 'scenarios, separated by commas (default: rollout)', parseNames)
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
      'image of these pods: any with Node 24 as node in its path (default: nodrop/driver)',
      parseImageName,
    )
    .option(
      '--driver-cpu <cores>',
      'whole cores for each of them, as its requests and its limits',
      parsePositiveInteger,
    )
    .addOption(createViaOption())
    .option('--replicas <n>', 'pods of the workload', parsePositiveInteger)
    .option('--lead <names>', 'with one round: configurations to run first, if they are among those chosen', parseNames)
    .option(
      '--full-records <n>',
      'requests a log keeps one by one; beyond, the lost and the slow (2 million)',
      parsePositiveInteger,
    )
    .option('--seed <n>', 'seed of the order and of the load', parsePositiveInteger, 1)
    .option('--out <dir>', 'where to write the comparison', join(paths.reports, 'runs'))
    .option('--scenarios <dir>', 'where the scenarios are', paths.scenarios)
    .option('--manifests <dir>', 'where base/ and the configurations are', paths.manifests)
    .action(async (target: string | undefined, _: unknown, command: Command) => {
      const words = { ...(target !== undefined && { target }), command: trailing }
      const { scenario, ...options } = withGates(await applyConfigFile<GivenOptions>(command, words))
      rejectResumedOptions(command, { hasTarget: options.target !== undefined })
      const chosen = scenario ?? (options.target === undefined ? ['rollout'] : [])
      process.exitCode = await runCommand({ ...options, scenario: chosen }, paths)
    })
}

/** As parsed from the command line. */
type GivenOptions = Omit<RunCommandOptions, 'scenario'> &
  GateOptions & { scenario?: string[]; configFile?: string | false }

/** How often, and in which rounds, configurations are played. */
function addRoundOptions(run: Command): Command {
  return run
    .option('--rounds <n>', 'how often to repeat the comparison, in random order each time', parsePositiveInteger, 1)
    .option('--until-decided', 'go on with rounds until every pair is decided; --rounds is then their limit')
    .option('--max <duration>', 'with --until-decided: longest duration, such as 30m (default)', parseDuration)
    .option(
      '--aa [name]',
      'run this configuration (or the only one) as two, to see whether the machine alone makes them differ',
    )
    .option(
      '--repeats <n>',
      'rounds repeated when disturbed, for each configuration (default: half as many)',
      parseNonNegativeInteger,
    )
}

/** How the connections to the workload are read. */
export function addTrackingOptions(run: Command): Command {
  return run
    .option(
      '--connection-tracking',
      "on a cluster of your own, read to which pods connections are led by a pod on each of the drivers' nodes",
    )
    .option('--no-connection-tracking', "do not read from the drivers' nodes to which pods connections are led")
}

/** About earlier measurements. */
function addSinceOptions(run: Command): Command {
  return run
    .option('--baseline <file>', 'exit 1 when worse than this baseline or comparison (see nodrop baseline)')
    .option('--last-failed', 'run only what failed or gave no verdict in the latest comparison of --out')
    .option('--resume <dir>', 'run what is missing of an interrupted comparison')
}

/** About a workload that runs already. */
export function addTargetOptions(command: Command): Command {
  return command
    .option('-n, --namespace <name>', "of the target (default: that of the context, else 'default')")
    .option('--path <path>', "what the target is asked for (default: its readiness probe's path, else /)")
    .option('--method <method>', 'how the target is asked (default: GET)')
    .option("--header <'Name: value'>", 'a header of the requests; may be given again', collect)
    .option(
      '--header-env <Name=VARIABLE>',
      'a header whose value is in an environment variable, and in no file',
      collect,
    )
    .option('--body <text>', 'what the requests carry')
    .option('--expect-status <list>', 'the statuses of a good answer, such as 200,204 or 2xx (default)', parseStatuses)
    .option('--tls <file>', "speak TLS to the target's Service: certificate authorities (PEM), or the word unverified")
    .option('--tls-server-name <name>', 'the name in its certificate (default: SERVICE.NAMESPACE.svc)')
    .option('--pod-header <name>', "the header of the target's answers that names the pod")
    .option('--url <url>', 'send the load from this machine to this address, in place of the Service from the cluster')
    .option('--cacert <file>', 'certificate authorities (PEM) for --url, in place of those that this machine trusts')
    .option('--insecure', 'do not verify the certificate of --url')
    .option('--allow-writes', 'send what may write, such as POST, to the target too')
    .option('--limit <seconds>', 'for a disruption of the target to be over (600 for a command)', parsePositiveInteger)
    .option('--dry-run', 'say what would be done to the target and sent to it, and end')
}

/** Returns the exit code. */
export async function runCommand(given: RunCommandOptions, paths: Paths): Promise<number> {
  // Reporters that cannot work are refused before the measurement.
  chooseReporters(given)
  const options = given.lastFailed ? { ...given, ...(await selectLastFailed(given)) } : given
  // The baseline must exist before minutes are spent.
  const baseline = options.baseline === undefined ? null : await readAsBaseline(resolve(options.baseline))
  const progress = createProgress(process.stderr, chooseProgress(options))
  const signal = handleInterrupts(progress)
  const { directory, judged, failure, preview } = await runComparison(options, { paths, progress, signal })
  if (preview) {
    printLines(...(options.json ? [JSON.stringify(preview, null, 2)] : formatPreview(preview)))
    return exitCodes.ok
  }
  return await endComparison({ directory, judged, failure }, options, { baseline, isInterrupted: signal.aborted })
}
