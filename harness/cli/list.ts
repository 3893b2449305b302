import { readConfigurations, readScenarios } from '../plan/catalogue.ts'
import { planText } from '../log/format-plan.ts'
import { print, printJson } from '../terminal/print.ts'
import { columns } from '../terminal/text.ts'

/** Prints the scenarios and the configurations with their hypotheses. */
export function listCommand(options: { scenarios: string; manifests: string; json?: boolean }): void {
  const scenarios = readScenarios(options.scenarios)
  const configurations = readConfigurations(options.manifests).map(({ configuration }) => configuration)
  if (options.json) {
    // What is printed is often kept, by CI.
    return printJson(JSON.parse(planText({ scenarios, configurations })))
  }
  print(
    'Scenarios',
    ...columns(scenarios.map(({ name, summary }) => [`  ${name}`, summary])),
    '',
    'Configurations, and what each is expected to show',
    ...columns(
      configurations.map(({ name, expects, hypothesis }) => [
        `  ${name}`,
        expects === 'loses' ? 'loses' : 'loses none',
        hypothesis,
      ]),
    ),
  )
}
