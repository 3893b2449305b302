/** `nodrop list`: the scenarios, and the configurations with their hypotheses. */
import type { Command } from 'commander'
import type { Paths } from '../cluster/clusters.ts'
import { readConfigurations, readScenarios, runScenarioModules } from '../plan/catalogue.ts'
import { formatPlan } from '../log/format-plan.ts'
import { printLines, printJson } from '../terminal/print.ts'
import { alignColumns } from '../terminal/text.ts'
import { addConfigFileOptions, applyConfigFile } from './config/config-options.ts'

interface ListOptions {
  scenarios: string
  manifests: string
  json?: boolean
}

export function addListCommand(program: Command, paths: Paths): void {
  addConfigFileOptions(program.command('list'))
    .description('the scenarios, and the configurations with what they are there to show')
    .option('--scenarios <dir>', 'where the scenarios are', paths.scenarios)
    .option('--manifests <dir>', 'where the configurations are', paths.manifests)
    .option('--json', 'print JSON')
    .action(async (_: unknown, command: Command) => {
      type GivenOptions = ListOptions & { configFile?: string | false }
      const options = await applyConfigFile<GivenOptions>(command, { command: [] })
      await runScenarioModules(options.scenarios)
      listCommand(options)
    })
}

export function listCommand(options: ListOptions): void {
  const scenarios = readScenarios(options.scenarios)
  const configurations = readConfigurations(options.manifests).map(({ configuration }) => configuration)
  if (options.json) {
    // The output is often stored, for example by CI.
    return printJson(JSON.parse(formatPlan({ scenarios, configurations })))
  }
  printLines(
    'Scenarios',
    ...alignColumns(scenarios.map(({ name, summary }) => [`  ${name}`, summary])),
    '',
    'Configurations, and what each is there to show',
    ...alignColumns(
      configurations.map(({ name, expects, hypothesis }) => [
        `  ${name}`,
        expects === undefined ? 'gates decide' : expects === 'loses' ? 'loses' : 'loses none',
        hypothesis,
      ]),
    ),
  )
}
