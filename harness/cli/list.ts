import { readConfigurations, readScenarios } from '../plan/catalogue.ts'
import { formatPlan } from '../log/format-plan.ts'
import { printLines, printJson } from '../terminal/print.ts'
import { alignColumns } from '../terminal/text.ts'

/** Prints the scenarios and the configurations with their hypotheses. */
export function listCommand(options: { scenarios: string; manifests: string; json?: boolean }): void {
  const scenarios = readScenarios(options.scenarios)
  const configurations = readConfigurations(options.manifests).map(({ configuration }) => configuration)
  if (options.json) {
    // What is printed is often kept, by CI.
    return printJson(JSON.parse(formatPlan({ scenarios, configurations })))
  }
  printLines(
    'Scenarios',
    ...alignColumns(scenarios.map(({ name, summary }) => [`  ${name}`, summary])),
    '',
    'Configurations, and what each is expected to show',
    ...alignColumns(
      configurations.map(({ name, expects, hypothesis }) => [
        `  ${name}`,
        expects === 'loses' ? 'loses' : 'loses none',
        hypothesis,
      ]),
    ),
  )
}
