/** Finds the place in a user's file of a problem that, for example, the API server reports. */
import { readFileSync } from 'node:fs'
import { LineCounter, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml'
import type { Node, Pair } from 'yaml'

/** An invalid value, by its path in the API: `spec.template.spec.containers[0].ports[1].containerPort`. */
export interface InvalidField {
  field: string
  /** The problem; if there are several places, the one with the value that it quotes. */
  message: string
}

interface NodePlace {
  node: Node | null
  /** The place of its name, or of the node itself without a name. */
  at: number
}

/**
 * `path:line:column` of a field, or of the innermost existing one around it; the path alone if there is none. All elements of lists are
 * searched, whatever the index: in a patch it differs from that in the resulting object.
 */
export function locateField(path: string, { field, message }: InvalidField, kind?: string): string {
  const lines = new LineCounter()
  const documents = parseAllDocuments(readFileSync(path, 'utf8'), { lineCounter: lines, prettyErrors: false })
  let found: NodePlace[] = (Array.isArray(documents) ? documents : [])
    .filter((document) => kind === undefined || document.get('kind') === kind)
    .map(({ contents }) => ({ node: contents as Node | null, at: -1 }))
  for (const name of splitFieldPath(field)) {
    const next = found.flatMap(({ node }) => findValues(node, name))
    if (next.length === 0) break
    found = next
  }
  const shown = found.find(({ node }) => isScalar(node) && message.includes(String(node.value))) ?? found[0]
  if (!shown || shown.at < 0) return path
  const { line, col } = lines.linePos(shown.at)
  return `${path}:${line}:${col}`
}

/** Splits `a.b[0].c` and `metadata.labels[some/key]`, where the brackets contain a key, not a number. */
function splitFieldPath(field: string): string[] {
  return [...field.matchAll(/\[(?<key>[^\]]*)\]|(?<name>[^.[\]]+)/g)]
    .map(({ groups }) => groups?.['name'] ?? groups?.['key'] ?? '')
    .filter((name) => !/^\d+$/.test(name))
}

function findValues(node: Node | null, name: string): NodePlace[] {
  if (isSeq(node)) return node.items.flatMap((item) => findValues(item as Node, name))
  if (!isMap(node)) return []
  return node.items
    .filter(({ key }) => isScalar(key) && String(key.value) === name)
    .map((pair: Pair) => ({ node: pair.value as Node | null, at: (pair.key as Node).range?.[0] ?? 0 }))
}
