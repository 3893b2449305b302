import type { CommandTree, CompletedOption } from './command-tree.ts'

/** For fish: https://fishshell.com/docs/current/completions.html */
export function renderFishScript({ commands, options }: CommandTree): string {
  const lines = [
    'complete -c nodrop -f',
    ...options.map((option) => `complete -c nodrop ${renderOption(option)}`),
    ...commands.map(
      ({ name, description }) =>
        `complete -c nodrop -n __fish_use_subcommand -a ${name} -d ${quoteForFish(description)}`,
    ),
    ...commands.flatMap(({ name, options: own, words, takesPath }) => {
      const here = `complete -c nodrop -n '__fish_seen_subcommand_from ${name}'`
      return [
        ...own.map((option) => `${here} ${renderOption(option)}`),
        ...(words.length > 0 ? [`${here} -a ${quoteForFish(words.join(' '))}`] : []),
        ...(takesPath ? [`${here} -F`] : []),
      ]
    }),
  ]
  return `${lines.join('\n')}\n`
}

function renderOption({ long, short, description, value }: CompletedOption): string {
  const flags = [...(short === null ? [] : [`-s ${short.slice(1)}`]), `-l ${long.slice(2)}`]
  const kinds = { path: ['-r -F'], other: ['-x'], choice: [] }
  const follows =
    value === undefined
      ? []
      : value.kind === 'choice'
        ? [`-xa ${quoteForFish(value.words.join(' '))}`]
        : kinds[value.kind]
  return [...flags, ...follows, `-d ${quoteForFish(description)}`].join(' ')
}

/** Fish has two escapes within single quotes. */
function quoteForFish(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`
}
