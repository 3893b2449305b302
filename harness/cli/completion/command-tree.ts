/** The commands and options of the command line, for completion scripts. */
import type { Command, Option } from 'commander'

export interface CompletedOption {
  /** `--reporter`. */
  long: string
  /** `-q`; `null` without one. */
  short: string | null
  description: string
  /** Undefined for a switch. */
  value?: CompletedValue
}

/** The possible values: a list of words, a path, or unknown. */
export type CompletedValue = { kind: 'choice'; words: readonly string[] } | { kind: 'path' } | { kind: 'other' }

export interface CompletedCommand {
  name: string
  description: string
  options: CompletedOption[]
  /** The known values of its first argument; for a command with subcommands, their names. */
  words: readonly string[]
  /** Whether it takes paths. */
  takesPath: boolean
}

export interface CommandTree {
  commands: CompletedCommand[]
  /** The options of every command. */
  options: CompletedOption[]
}

/** The names of arguments that are paths. */
const pathNames: ReadonlySet<string> = new Set(['dir', 'file', 'before', 'after'])

/** A command with subcommands has the options of all of them. */
export function describeCommands(program: Command): CommandTree {
  const commands = program.commands.map((command): CompletedCommand => {
    const whole = [command, ...command.commands]
    const [argument] = command.registeredArguments
    return {
      name: command.name(),
      description: command.description(),
      options: whole.flatMap((one) => one.options).flatMap(describeOption),
      words: argument?.argChoices ?? command.commands.map((one) => one.name()),
      takesPath: whole.some((one) => one.registeredArguments.some((given) => pathNames.has(given.name()))),
    }
  })
  return { commands, options: program.options.flatMap(describeOption) }
}

function describeOption({
  long,
  short,
  description,
  hidden,
  required,
  optional,
  argChoices,
  flags,
}: Option): CompletedOption[] {
  if (hidden || !long) return []
  const option = { long, short: short ?? null, description }
  if (!required && !optional) return [option]
  if (argChoices) return [{ ...option, value: { kind: 'choice', words: argChoices } }]
  return [{ ...option, value: { kind: /<(file|dir)>/.test(flags) ? 'path' : 'other' } }]
}
