/** The text of a folder's settings, with comments and with alternatives commented out, in TypeScript or YAML. */

/** A setting of the file; a list of settings is an object. */
export interface Setting {
  key: string
  value: string | number | readonly string[] | readonly Setting[]
  /** Comment lines above it. */
  comment?: readonly string[]
  /** An alternative, commented out. */
  isExample?: boolean
}

export type ConfigForm = 'ts' | 'yaml'

interface Notation {
  mark: string
  quote: (text: string) => string
  /** For a value on one line. */
  pair: (key: string, value: string) => string
  open: (key: string) => string
  close: string[]
}

const notations: Record<ConfigForm, Notation> = {
  ts: {
    mark: '//',
    quote: (text) => (/^[\w ./:@<>=%?&-]*$/.test(text) ? `'${text}'` : JSON.stringify(text)),
    pair: (key, value) => `${key}: ${value},`,
    open: (key) => `${key}: {`,
    close: ['},'],
  },
  yaml: {
    mark: '#',
    quote: (text) => (isPlain(text) ? text : JSON.stringify(text)),
    pair: (key, value) => `${key}: ${value}`,
    open: (key) => `${key}:`,
    close: [],
  },
}

/** Whether YAML reads the text as a string: `n`, `yes` and `null` need quotes. */
function isPlain(text: string): boolean {
  return /^[/a-z][\w./@-]{3,}$/i.test(text) && !/^(true|false|null)$/i.test(text)
}

/** Ends with a line break. Comments may contain a cluster's answers: none of their characters begins a new line. */
export function renderConfig(form: ConfigForm, settings: readonly Setting[]): string {
  const body = renderSettings(settings, notations[form])
  const lines = form === 'yaml' ? [...yamlHead, ...body] : [...tsHead, ...indent(body), '})']
  return `${lines.join('\n')}\n`
}

const tsHead = [
  "import { defineConfig } from 'nodrop'",
  '',
  '// nodrop run in this folder plays it; options on its command line override what stands here.',
  'export default defineConfig({',
]
const yamlHead = [
  '# yaml-language-server: $schema=nodrop.schema.json',
  '# nodrop run in this folder plays it; options on its command line override what stands here.',
  '# An editor that knows the line above checks it once nodrop schema > nodrop.schema.json has been run.',
]

function renderSettings(settings: readonly Setting[], notation: Notation): string[] {
  return settings.flatMap((setting) => {
    const { comment = [], isExample = false } = setting
    const lines = renderSetting(setting, notation)
    return [
      ...comment.map((line) => `${notation.mark} ${toPlainLine(line)}`),
      ...(isExample ? lines.map((line) => `${notation.mark} ${line}`) : lines),
    ]
  })
}

function renderSetting({ key, value }: Setting, notation: Notation): string[] {
  if (typeof value === 'number') return [notation.pair(key, String(value))]
  if (typeof value === 'string') return [notation.pair(key, notation.quote(value))]
  if (value.every((one) => typeof one === 'string')) {
    return [notation.pair(key, `[${value.map(notation.quote).join(', ')}]`)]
  }
  return [notation.open(key), ...indent(renderSettings(value, notation)), ...notation.close]
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? line : `  ${line}`))
}

function toPlainLine(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?')
}
