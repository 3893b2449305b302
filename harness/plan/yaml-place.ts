/** Where in a user's file it is written what somebody else, the API server for example, complains of. */
import { readFileSync } from 'node:fs'
import { LineCounter, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml'
import type { Node, Pair } from 'yaml'

/** What was put in, by its path in the API: `spec.template.spec.containers[0].ports[1].containerPort`. */
export interface InvalidField {
  field: string
  /** The problem itself: of several places the one whose value it shows is meant. */
  message: string
}

interface NodePlace {
  node: Node | null
  /** Where its name stands, or the node itself where it has none. */
  at: number
}

/**
 * `path:line:column` of a field, or of the innermost one around it that is written; the path alone where nothing of it is. Elements of
 * lists are looked through whatever their number: in a patch it is another than in the object that comes of it.
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

/** Of `a.b[0].c` and of `metadata.labels[some/key]`, which is a key and no number. */
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
