import { quoteShellWord } from '../../base/shell-quote.ts'
import type { CommandTree, CompletedOption } from './command-tree.ts'

/** For bash 4 and later: https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html */
export function renderBashScript({ commands, options }: CommandTree): string {
  const names = commands.map(({ name }) => name)
  const values = commands.flatMap(({ name, options: own }) => own.flatMap((option) => renderValue(name, option)))
  const words = commands.map((command) => {
    const all = [...command.words, ...listFlags(command.options), ...listFlags(options)]
    const paths = command.takesPath ? ' paths=yes' : ''
    return `    ${command.name}) words=${quoteShellWord(all.join(' '))}${paths} ;;`
  })
  return `_nodrop() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= words= paths= index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
    ${names.join(' | ')}) command=\${COMP_WORDS[index]} && break ;;
    esac
  done
  case "$command $previous" in
${values.join('\n')}
  esac
  case $command in
    '') words=${quoteShellWord([...names, 'help', ...listFlags(options)].join(' '))} ;;
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ $paths != yes || $word == -* ]] || compopt -o default
}
complete -F _nodrop nodrop
`
}

/** Of an option with a value: what is completed in its place. */
function renderValue(command: string, { long, short, value }: CompletedOption): string[] {
  if (value === undefined) return []
  const patterns = [long, ...(short === null ? [] : [short])]
    .map((flag) => quoteShellWord(`${command} ${flag}`))
    .join(' | ')
  const actions = { path: 'compopt -o default; ', other: '', choice: '' }
  const action =
    value.kind === 'choice'
      ? `COMPREPLY=($(compgen -W ${quoteShellWord(value.words.join(' '))} -- "$word")); `
      : actions[value.kind]
  return [`    ${patterns}) ${action}return ;;`]
}

function listFlags(options: readonly CompletedOption[]): string[] {
  return options.flatMap(({ long, short }) => [long, ...(short === null ? [] : [short])])
}
