import { quoteShellWord } from '../../base/shell-quote.ts'
import type { CommandTree, CompletedCommand, CompletedOption } from './command-tree.ts'

/** For zsh's completion system: https://zsh.sourceforge.io/Doc/Release/Completion-System.html */
export function renderZshScript({ commands, options }: CommandTree): string {
  const described = commands.map(({ name, description }) => `    ${quoteShellWord(`${name}:${description}`)}`)
  const cases = commands.map(
    (command) => `    ${command.name})
      _arguments \\
${listArguments(command, options).join(' \\\n')}
      ;;`,
  )
  return `#compdef nodrop
_nodrop() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  local -a commands
  commands=(
${described.join('\n')}
  )
  _arguments -C \\
${options.flatMap(renderOption).join(' \\\n')} \\
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
  command) _describe command commands ;;
  argument)
    case $words[1] in
${cases.join('\n')}
    esac
    ;;
  esac
}
if [[ $funcstack[1] == _nodrop ]]; then _nodrop "$@"; else compdef _nodrop nodrop; fi
`
}

function listArguments({ options, words, takesPath }: CompletedCommand, common: readonly CompletedOption[]): string[] {
  const first = words.length > 0 ? [`1:word:(${words.join(' ')})`] : []
  const others = takesPath ? ['*:path:_files'] : []
  const given = [...first, ...others].map((argument) => `        ${quoteShellWord(argument)}`)
  return [...[...options, ...common].flatMap(renderOption), ...given]
}

/** One entry for each spelling, which excludes the other. */
function renderOption({ long, short, description, value }: CompletedOption): string[] {
  const flags = short === null ? [long] : [long, short]
  const exclusive = flags.length > 1 ? `(${flags.join(' ')})` : ''
  const text = description.replaceAll(/[[\]\\:]/g, String.raw`\$&`)
  const follows = value === undefined ? '' : `:value:${renderWords(value)}`
  // The value of a long option follows as a separate word, or after `=`.
  const attach = (flag: string): string => (value !== undefined && flag.startsWith('--') ? '=' : '')
  return flags.map((flag) => `        ${quoteShellWord(`${exclusive}${flag}${attach(flag)}[${text}]${follows}`)}`)
}

function renderWords(value: NonNullable<CompletedOption['value']>): string {
  if (value.kind === 'path') return '_files'
  return value.kind === 'choice' ? `(${value.words.join(' ')})` : ' '
}
