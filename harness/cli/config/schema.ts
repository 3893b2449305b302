/** `nodrop schema`: the JSON schema of nodrop.config.yaml, for editors. */
import type { Command } from 'commander'
import { buildConfigJsonSchema } from '../../plan/config/config-schema.ts'
import { printJson } from '../../terminal/print.ts'

export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print the JSON schema of nodrop.config.yaml, for editors')
    .action(() => printJson(buildConfigJsonSchema()))
}
