/** `docs/configuration.md`: every setting of `nodrop.config.ts`, from the schema that they are held against. */

/** What of a JSON schema the page is made from. */
interface JsonSchema {
  description?: string
  type?: string
  enum?: unknown[]
  anyOf?: JsonSchema[]
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  required?: string[]
}

const pageHead = `# Settings of a folder

Made by \`npm run documents\` from \`harness/plan/config/config-schema.ts\`; a test fails when it is not.

\`nodrop run\` in a folder with \`nodrop.config.ts\` (or \`.js\`, \`.mts\`, \`.mjs\`) or \`nodrop.config.yaml\` plays what it says, and \`nodrop watch\` looks at its target;
\`nodrop init\` writes one.
Both forms have the same keys. A module exports them as default, and is code: it is run as you, by Node, without a top-level \`await\`. It is read
from the current folder alone, never from one above; \`--config-file FILE\` names another, \`--no-config-file\` leaves it out.

Options of the command line override it. A target on the command line takes the place of the whole \`target\`; a command after \`--\` that of
\`scenarios\`. A key that is not known is an error. \`nodrop schema\` prints the JSON schema for editors:

\`\`\`sh
nodrop schema > nodrop.schema.json    # nodrop.config.yaml begins with: # yaml-language-server: $schema=nodrop.schema.json
\`\`\`
`

const gatesHead = `
A gate is a number, the highest value that is kept, or text as k6 writes a threshold: \`'<250ms'\`, \`'<=5'\`, \`'<0.1%'\`. They decide in place of the
hypotheses: one that fails makes the exit code 1, one for which evidence or rounds are missing makes it 4. They stand in \`plan.json\`, so that
\`nodrop report\` decides alike.
`
const heads: Record<string, string> = { gates: gatesHead }

export function renderConfigurationPage(schema: Record<string, unknown>): string {
  return `${pageHead}${renderSection('', schema)}`
}

function renderSection(name: string, { properties = {}, required = [] }: JsonSchema): string {
  const entries = Object.entries(properties)
  const rows = entries.map(([key, one]) => {
    const name = `\`${key}\`${required.includes(key) ? ' (required)' : ''}`
    return `| ${name} | ${formatType(one)} | ${formatDescription(one.description ?? '')} |\n`
  })
  const inner = entries.filter(([, one]) => one.type === 'object')
  const title = name === '' ? 'Keys' : `\`${name}\``
  const table = `\n## ${title}\n${heads[name] ?? ''}\n| key | value | meaning |\n|---|---|---|\n${rows.join('')}`
  return `${table}${inner.map(([key, one]) => renderSection(key, one)).join('')}`
}

const typeWords: Record<string, string> = { string: 'text', integer: 'whole number', object: 'see below' }

function formatType({ type = 'anything', items = {}, anyOf, enum: choices }: JsonSchema): string {
  if (choices) return choices.map((one) => `\`${String(one)}\``).join(', ')
  if (anyOf) return anyOf.map(formatType).join(' or ')
  if (type === 'array') return items.type === 'object' ? 'list' : `list of ${formatType(items)}`
  return typeWords[type] ?? type
}

function formatDescription(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/\.?$/, '.')}`.replaceAll('|', String.raw`\|`)
}
