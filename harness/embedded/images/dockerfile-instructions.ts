/**
 * The instructions of a Dockerfile, found with the parser `dockerfile-ast`. That parser is made for editors, so this adds what it lacks:
 * the text of an instruction without its comments (it leaves indented ones in), flags on several lines, and JSON strings with blanks and
 * escapes.
 */
import { Copy, DockerfileParser, Run } from 'dockerfile-ast'

export interface Instruction {
  /** The line of its keyword, from 1. */
  line: number
  /** The keyword, in upper case. */
  keyword: string
  /** `--name=value` in front of the arguments; a flag without a value has the empty one. */
  flags: ReadonlyMap<string, string>
  /** On one line; quotes, escapes and variables are as written. */
  args: string
  /** Whether a here-document follows (RUN or COPY); its content is then among the arguments. */
  hasHeredoc: boolean
}

/** `escape` is the character of the `# escape=` directive, a backslash without one. */
export function parseInstructions(text: string): { escape: string; instructions: Instruction[] } {
  const dockerfile = DockerfileParser.parse(text)
  const escape = dockerfile.getEscapeCharacter()
  // A line that ends with the escape character, and after it lines that are blank or comments.
  const continuation = new RegExp(
    String.raw`${escape === '`' ? '`' : '\\\\'}[ \t]*(?:\r?\n(?:[ \t]*(?:#.*)?\r?\n)*|$)`,
    'g',
  )
  const instructions = dockerfile.getInstructions().map((instruction): Instruction => {
    const heredocs = instruction instanceof Run || instruction instanceof Copy ? instruction.getHeredocs() : []
    const line = instruction.getTextContent().replace(continuation, '')
    const [, rest = ''] = /^\s*\S+\s*([^]*?)\s*$/.exec(line) ?? []
    return {
      line: instruction.getRange().start.line + 1,
      keyword: instruction.getKeyword(),
      ...parseFlags(rest),
      hasHeredoc: heredocs.some((heredoc) => heredoc.getName() !== ''),
    }
  })
  return { escape, instructions }
}

function parseFlags(rest: string): Pick<Instruction, 'flags' | 'args'> {
  const flags = new Map<string, string>()
  for (;;) {
    const [whole = '', name, value = ''] = /^--([a-z-]+)(?:=(\S*))?(?:\s+|$)/.exec(rest) ?? []
    if (name === undefined) return { flags, args: rest }
    flags.set(name, value)
    rest = rest.slice(whole.length)
  }
}

/** The exec form's JSON array; undefined when the text is anything else. */
export function parseJsonStrings(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  } catch {
    // Docker also treats it as the shell form then.
  }
  return undefined
}
