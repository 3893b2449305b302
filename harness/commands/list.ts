import { readConfigurations, readScenarios } from '../catalogue/catalogue.ts'
import { columns } from '../terminal/text.ts'

/** Prints the scenarios and the configurations with their hypotheses. */
export function listCommand(options: { scenarios: string; manifests: string; json?: boolean }): void {
  const scenarios = readScenarios(options.scenarios)
  const configurations = readConfigurations(options.manifests).map(({ configuration }) => configuration)
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ scenarios, configurations }, null, 2)}\n`)
    return
  }
  const lines = [
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
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
