/** `nodrop schema`: JSON schemas, for editors, and for programs that read nodrop's output. */
import { Argument } from 'commander'
import type { Command } from 'commander'
import { buildResultsJsonSchema } from '../../model/results/results-schema.ts'
import { buildConfigJsonSchema } from '../../plan/config/config-schema.ts'
import { printJson } from '../../terminal/print.ts'

const schemas = { config: buildConfigJsonSchema, results: buildResultsJsonSchema }

export function addSchemaCommand(program: Command): void {
  const names = Object.keys(schemas)
  program
    .command('schema')
    .description('print the JSON schema of nodrop.config.yaml, for editors, or of what --json prints')
    .addArgument(new Argument('[of]', 'nodrop.config.yaml, or the results').choices(names).default('config'))
    .action((name: keyof typeof schemas) => printJson(schemas[name]()))
}
