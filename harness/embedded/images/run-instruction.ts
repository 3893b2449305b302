/** Splits a RUN line into packages, which must be on the machine already, and the rest, which is run. */

export interface RunLine {
  /** Debian packages, without versions. */
  packages: string[]
  /** The shell command without apt-get; empty when nothing is left. */
  rest: string
}

/** With apt-get, only plain commands joined by `&&` or `;` are supported. */
export function parseRunLine(command: string): RunLine {
  const packages: string[] = []
  const kept: string[] = []
  for (const { text, joint } of splitCommands(command)) {
    const words = text.split(/\s+/).filter((word) => word !== '')
    while (/^[A-Za-z_]\w*=/.test(words[0] ?? '')) words.shift()
    if (words[0] === 'apt-get' || words[0] === 'apt') packages.push(...parseInstalledPackages(words.slice(1)))
    else if (!isAptCleanup(words)) kept.push(text, joint)
  }
  const rest = kept.slice(0, -1).join(' ').trim()
  if (/\bapt(-get)?\s+(-\S+\s+)*(install|update)\b/.test(rest)) {
    throw new Error('apt-get is understood only as a plain command, joined to others by && or ;')
  }
  return { packages, rest: /^set\s+-\S+$/.test(rest) ? '' : rest }
}

function parseInstalledPackages(words: string[]): string[] {
  const [subcommand, ...names] = words.filter((word) => !word.startsWith('-'))
  if (subcommand !== 'install') return []
  return names.map((name) => name.replace(/[=/].*$/, ''))
}

/** Removing package lists or caches saves space in an image; on the machine it would save nothing. */
function isAptCleanup(words: string[]): boolean {
  const [program, ...args] = words
  const paths = args.filter((arg) => !arg.startsWith('-'))
  return program === 'rm' && paths.length > 0 && paths.every((path) => /^\/var\/(lib|cache)\/apt(\/|$)/.test(path))
}

/** Splits at `&&` and `;` outside of quotes. */
function splitCommands(command: string): { text: string; joint: string }[] {
  const commands: { text: string; joint: string }[] = []
  let text = ''
  for (const [token] of command.matchAll(/'[^']*'|"(?:\\[^]|[^"\\])*"|\\[^]|&&|;(?!;)|[^]/g)) {
    if (token === '&&' || token === ';') {
      commands.push({ text: text.trim(), joint: token })
      text = ''
    } else text += token
  }
  commands.push({ text: text.trim(), joint: ';' })
  return commands.filter((found) => found.text !== '')
}
