import { quoteShellWord } from '../../base/shell-quote.ts'
import type { CommandTree, CompletedOption } from './command-tree.ts'

/**
 * For bash 4 and later: https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html `--option=value` is three words for
 * bash. Readline quotes a path that `compopt -o default` completes, and only if there is no other reply.
 */
export function renderBashScript({ commands, options }: CommandTree): string {
  const names = commands.map(({ name }) => name).join(' ')
  const values = commands.flatMap(({ name, options: own }) => own.flatMap((option) => renderValue(name, option)))
  const cases = commands.map((command) => {
    const flags = ` flags=${quoteShellWord(listFlags([...command.options, ...options]))}`
    const words = command.words.length > 0 ? ` words=${quoteShellWord(command.words.join(' '))}` : ''
    return `    ${command.name})${flags}${words}${command.takesPath ? ' paths=yes' : ''} ;;`
  })
  return `_nodrop() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= first= index
  local words= flags= paths=
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
    --) compopt -o default && return ;;
    -* | =) ;;
    *) if [[ -z $command ]]; then command=\${COMP_WORDS[index]}; else first="$first \${COMP_WORDS[index]}"; fi ;;
    esac
  done
  if [[ $word == = ]]; then
    word=
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  # NAME=FILE
  [[ \${COMP_WORDS[COMP_CWORD]} != = && \${COMP_WORDS[COMP_CWORD - 1]} != = || $previous == -* ]] || { compopt -o default; return; }
  case "$command $previous" in
${values.join('\n')}
  esac
  case $command in
    '') flags=${quoteShellWord(listFlags(options))} words=${quoteShellWord(`${names} help`)} ;;
    help) words=${quoteShellWord(names)} ;;
${cases.join('\n')}
  esac
  # One of the words is enough.
  for index in $first; do [[ " $words " != *" $index "* ]] || words=; done
  if [[ $word == -* || -z $words$paths ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  else
    compopt -o default
  fi
}
complete -F _nodrop nodrop
`
}

/** For an option with a value: the completion of that value. */
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

function listFlags(options: readonly CompletedOption[]): string {
  return options.flatMap(({ long, short }) => [long, ...(short === null ? [] : [short])]).join(' ')
}
