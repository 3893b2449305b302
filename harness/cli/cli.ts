/** The command line: options in, exit code out. Every command is loaded only when it is asked for. */
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { exitCodes } from '../base/fault.ts'
import { capacityMethod } from '../measure/capacity/capacity-method.ts'
import type { CapacityCommandOptions } from './capacity.ts'
import type { ManagedClusterChoice } from '../cluster/clusters.ts'
import type { ContextCliOptions } from '../cluster/context-options.ts'
import type { RunCommandOptions } from './run.ts'
import type { VerifyCommandOptions } from './verify.ts'
import { examples } from './help.ts'
import {
  createAllowContextOption,
  createClusterOption,
  createContextOption,
  parseNonNegativeInteger,
  parseDriverCount,
  createEngineOption,
  parseImageName,
  createKindImageOption,
  createKubeconfigOption,
  parseNames,
  parsePositiveNumber,
  parseRegistry,
  parseFreezeSeconds,
  createViaOption,
  parsePositiveInteger,
} from './options.ts'
import { explainError, explainUncaughtErrors } from '../terminal/explain.ts'
import { printNotice } from '../terminal/print.ts'
import { ignoreBrokenPipe } from '../terminal/broken-pipe.ts'
import packageJson from '../../package.json' with { type: 'json' }

const at = (name: string): string => join(import.meta.dirname, '../..', name)
const paths = { apps: at('apps'), scenarios: at('scenarios'), manifests: at('manifests'), reports: at('reports') }

function buildProgram(): Command {
  const command = new Command('nodrop')
    .description('Measures which HTTP requests are lost while Kubernetes replaces, moves or removes pods, and why.')
    .version(packageJson.version, '-V, --version', 'print the version')
    .showHelpAfterError('(nodrop --help shows the options)')
    .addHelpText('after', examples)
    .configureOutput({ writeErr: (text) => printNotice(text.trimEnd()) })
    .exitOverride()
  addRunCommand(command)
  addReportCommand(command)
  addClusterCommands(command)
  addInspectionCommands(command)
  addSelfTestCommands(command)
  return command
}

function addRunCommand(command: Command): void {
  command
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
    .exitOverride()
    .action(async (options: RunCommandOptions) => {
      const { runCommand } = await import('./run.ts')
      process.exitCode = await runCommand(options, paths)
    })
}

function addReportCommand(command: Command): void {
  command
    .command('report')
    .description('judge a run or a comparison again, from its event logs alone')
    .argument('<dir>', 'directory of a run or of a comparison')
    .option('--json', 'print one JSON array with a run each instead of the table')
    .action(async (directory: string, options: { json?: boolean }) => {
      const { reportCommand } = await import('./report.ts')
      process.exitCode = await reportCommand(directory, options)
    })
}

function addClusterCommands(command: Command): void {
  command
    .command('up')
    .description('start a cluster that stays, and print how to reach it')
    .addOption(createClusterOption())
    .addOption(createKindImageOption())
    .action(async ({ cluster, ...options }: { cluster: ManagedClusterChoice; kindImage?: string }) => {
      const { upCommand } = await import('./up.ts')
      await upCommand(cluster, paths, options)
    })
  command
    .command('down')
    .description('end what nodrop up started')
    .addOption(createClusterOption())
    .action(async ({ cluster }: { cluster: ManagedClusterChoice }) => {
      const { downCommand } = await import('./up.ts')
      await downCommand(cluster, paths)
    })
  command
    .command('sweep')
    .description('delete the kind clusters, or with --context the namespaces, that killed runs left behind')
    .addOption(createContextOption())
    .addOption(createKubeconfigOption())
    .addOption(createAllowContextOption())
    .action(async (options: ContextCliOptions) => {
      const { sweepCommand } = await import('./sweep.ts')
      await sweepCommand(paths, options)
    })
}

function addInspectionCommands(command: Command): void {
  command
    .command('list')
    .description('the scenarios, and the configurations with their hypotheses')
    .option('--scenarios <dir>', 'where the scenarios are', paths.scenarios)
    .option('--manifests <dir>', 'where the configurations are', paths.manifests)
    .option('--json', 'print JSON')
    .action(async (options: { scenarios: string; manifests: string; json?: boolean }) => {
      const { listCommand } = await import('./list.ts')
      listCommand(options)
    })
  command
    .command('doctor')
    .description('what this machine, or with --context that cluster, can run, and how to get what is missing')
    .addOption(createContextOption())
    .addOption(createKubeconfigOption())
    .addOption(createAllowContextOption())
    .option('--json', 'print JSON')
    .action(async (options: ContextCliOptions & { json?: boolean }) => {
      const { doctorCommand } = await import('./doctor.ts')
      process.exitCode = await doctorCommand(options)
    })
}

function addSelfTestCommands(command: Command): void {
  addCapacityCommand(command)
  command
    .command('verify')
    .description('prove the accounting on this machine: every fault at random, against a server that knows the truth')
    .option('--requests <n>', 'requests that meet the mixture of faults', parsePositiveInteger, 40_000)
    .option('--rate <n>', 'requests per second', parsePositiveNumber, 2000)
    .option('--seed <n>', 'seed of the faults and of the load', parsePositiveInteger, 1)
    .option('--freeze <seconds>', 'how long a frozen server stands still; 0 leaves it out', parseFreezeSeconds, 5)
    .option(
      '--fuzz <n>',
      'mutated answers to read, one in 50 over sockets too; 0 leaves it out',
      parseNonNegativeInteger,
      100_000,
    )
    .option(
      '--neighbour <n>',
      "loads beside a busy neighbour on the driver's core, and twice as many without",
      parseNonNegativeInteger,
      0,
    )
    .option('--tools', 'show beside it what wrk, hey, vegeta, k6 (where installed) and autocannon say of such a server')
    .option('--out <dir>', 'keep the logs of both sides in this new directory')
    .option('--json', 'print JSON')
    .action(async (options: VerifyCommandOptions) => {
      const { verifyCommand } = await import('./verify.ts')
      process.exitCode = await verifyCommand(options)
    })
}

function addCapacityCommand(command: Command): void {
  command
    .command('capacity')
    .description("find the rate at which a workload's p99 doubles")
    .option(
      '--config <names>',
      'configurations, separated by commas (default: the first expected to lose none)',
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
    .addHelpText('after', capacityMethod)
    .action(async (options: CapacityCommandOptions) => {
      const { capacityCommand } = await import('./capacity.ts')
      process.exitCode = await capacityCommand(options, paths)
    })
}

ignoreBrokenPipe()
explainUncaughtErrors('nodrop: ')
try {
  await buildProgram().parseAsync()
} catch (error) {
  process.exitCode = reportError(error)
}

/** Of an error that ends the command; says it on standard error, unless commander has. */
function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  const { text, exitCode } = explainError(error)
  printNotice(`nodrop: ${text}`)
  return exitCode
}
