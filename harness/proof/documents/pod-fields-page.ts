/** `docs/pod-fields.md`: how the embedded cluster treats each field of a pod's spec. */
import type { FieldRule, FieldTable } from '@nodrop/embedded-kubernetes/pod-fields'

const pageHead = `# Fields of pods in the embedded cluster

Made by \`npm run documents\` from \`harness/embedded/schema/pod-fields.ts\`, by which its API server accepts pods; a test fails when it is not, and
another when a field of the Kubernetes API is missing.

- **enforced**: carried out, as far as the remark says.
- **kept**: stored and shown, without effect. \`nodrop doctor\` lists them, and a report those that its workload sets.
- **refused**: the API server does not accept an object that sets it, and names the field and what to do. With \`--cluster kind\` or
  \`--context\` it is used as it is.

Values behind “only” are accepted, all others refused.
`

export function renderPodFieldsPage(table: FieldTable): string {
  const places = new Map<FieldTable, string[]>()
  collectPlaces(table, 'spec', places)
  return `${pageHead}${[...places].map(([fields, paths]) => renderFieldSection(fields, paths)).join('')}`
}

/** Every table once, with all the paths that lead to it, in order of appearance. */
function collectPlaces(table: FieldTable, path: string, places: Map<FieldTable, string[]>): void {
  const known = places.get(table)
  if (known) {
    known.push(path)
    return
  }
  places.set(table, [path])
  for (const [name, { fields }] of Object.entries(table)) if (fields) collectPlaces(fields, `${path}.${name}`, places)
}

function renderFieldSection(table: FieldTable, paths: readonly string[]): string {
  const rows = Object.entries(table).map(
    ([name, rule]) => `| ${name} | ${formatTreatment(rule)} | ${formatRemark(rule)} |\n`,
  )
  return `\n## ${paths.join(', ')}\n\n| field | is | remark |\n|---|---|---|\n${rows.join('')}`
}

function formatTreatment({ treatment, fields }: FieldRule): string {
  return fields ? 'by its fields' : treatment
}

function formatRemark({ note, only = [] }: FieldRule): string {
  const values = only.filter((value) => value !== '').map((value) => `\`${String(value)}\``)
  return [values.length === 0 ? '' : `only ${values.join(', ')}`, note].filter((text) => text !== '').join(': ')
}
