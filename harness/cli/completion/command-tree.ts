/** The commands and options of the command line as a completion script needs them. */
import type { Command, Option } from 'commander'

export interface CompletedOption {
  /** `--reporter`. */
  long: string
  /** `-q`; `null` where there is none. */
  short: string | null
  description: string
  /** Undefined of a switch. */
  value?: CompletedValue
}

/** What may follow: words of a list, a path, or what no script can know. */
export type CompletedValue = { kind: 'choice'; words: readonly string[] } | { kind: 'path' } | { kind: 'other' }

export interface CompletedCommand {
  name: string
  description: string
  options: CompletedOption[]
  /** The words that its first argument may be, where they are known: those of a command of commands are their names. */
  words: readonly string[]
  /** Whether it takes paths. */
  takesPath: boolean
}

export interface CommandTree {
  commands: CompletedCommand[]
  /** Of every command. */
  options: CompletedOption[]
}

/** What arguments that are paths are called. */
const pathNames: ReadonlySet<string> = new Set(['dir', 'file', 'before', 'after'])

/** A command of commands has the options of all of them. */
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
