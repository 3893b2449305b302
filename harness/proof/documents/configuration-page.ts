/** `docs/configuration.md`: every setting of `nodrop.config.ts`, from its schema. */

/** The parts of a JSON schema that the page uses. */
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
A gate is a limit in the notation of k6's thresholds: \`'<250ms'\`, \`'<=5'\`, \`'<0.1%'\`, \`'>=500ms'\`. A number alone is the most that is kept, of
\`marginMs\` the least. A list has several limits.

\`\`\`ts
gates: {
  lost: 0,
  'lossRate{lane:reused}': '<0.1%',
  p99Ms: ['<1s', { threshold: '<250ms', warn: true }],
  'p99Ms{lane:fresh,phase:after}': '<150ms',
  marginMs: '>=500ms',
}
\`\`\`

- **Narrowed** by \`lane\` (\`fresh\`, \`reused\`, \`reused-post\`) or by \`phase\` (\`before\`, \`during\`, \`after\`: in which a request was due), it holds
  those requests alone against its limit. The table says which can be.
- **With \`warn\`** it decides nothing: where it is not kept, or cannot be judged, that is shown.
- **On the command line** \`nodrop run --gate 'lost<=3' --warn 'p99Ms{phase:during}<250ms'\`; these take the place of all gates of the file.

Gates decide: one that fails in any round makes the exit code 1, one for which evidence or rounds are missing makes it 4. Each is judged of each run,
and has evidence of its own ([claims.md](claims.md)): a loss that was seen fails \`lost\` even if other evidence is missing, a margin within its own error
of the limit is neither kept nor failed. Without a gate for all lost requests (\`lost\`, \`lostPerRollout\`, \`lossRate\`, \`worstSecondLost\` or
\`secondsWithLosses\`, not narrowed) \`lost\` is 0. Where no gate is given, a demonstration (a configuration whose first comment is \`# loses: …\` or
\`# loses-none: …\`) must show that, and of any other no request may be lost. Gates stand in \`plan.json\`, so that \`nodrop report\` decides alike.
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
  if (anyOf) return formatAlternatives(anyOf)
  if (type === 'array') return items.type === 'object' ? 'list' : `list of ${formatType(items)}`
  return typeWords[type] ?? type
}

/** One word for each; those with keys of their own, and lists of the others, are described above the table. */
function formatAlternatives(anyOf: JsonSchema[]): string {
  const scalars = anyOf.filter((one) => one.type !== 'object' && one.type !== 'array')
  return (scalars.length === 0 ? anyOf : scalars).map(formatType).join(' or ')
}

function formatDescription(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/\.?$/, '.')}`.replaceAll('|', String.raw`\|`)
}
