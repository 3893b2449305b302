/** The outer syntax of a Dockerfile: lines, instructions, flags (Dockerfile reference, "Format"). */

export interface Instruction {
  line: number
  keyword: string
  rest: string
}

/** Joins continued lines; comments and blank lines vanish, also between them (Dockerfile reference, "Format"). */
export function parseInstructions(text: string): Instruction[] {
  const instructions: Instruction[] = []
  let open: { line: number; text: string } | undefined
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue
    open ??= { line: index + 1, text: '' }
    const continued = /\\[ \t]*$/.exec(line)
    open.text += continued ? line.slice(0, continued.index) : line
    if (continued) continue
    instructions.push(parseInstruction(open))
    open = undefined
  }
  return open ? [...instructions, parseInstruction(open)] : instructions
}

function parseInstruction({ line, text }: { line: number; text: string }): Instruction {
  const [, keyword = '', rest = ''] = /^\s*(\S+)\s*([^]*?)\s*$/.exec(text) ?? []
  return { line, keyword: keyword.toUpperCase(), rest }
}

/** The exec form's JSON array; `undefined` when the text is anything else. */
export function parseJsonStrings(rest: string): string[] | undefined {
  if (!rest.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(rest)
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  } catch {
    // Docker too takes it for the shell form then.
  }
  return undefined
}

/** `--name=value` in front of the rest. */
export function parseFlags(rest: string, known: readonly string[]): { flags: Map<string, string>; rest: string } {
  const flags = new Map<string, string>()
  for (;;) {
    const found = /^--([a-z-]+)(?:=(\S*))?\s+/.exec(rest)
    if (!found) return { flags, rest }
    const [whole, name = '', value = ''] = found
    if (!known.includes(name)) throw new Error(`--${name} is not supported by the embedded cluster`)
    flags.set(name, value)
    rest = rest.slice(whole.length)
  }
}

/** Here-documents span lines in a way of their own. */
export function rejectHeredoc(rest: string): void {
  if (/(^|[\s\d])<<-?\s*["']?[A-Za-z_]/.test(rest)) {
    throw new Error('here-documents are not supported by the embedded cluster; put the text in a file and COPY it')
  }
}
