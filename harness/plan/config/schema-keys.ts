/** The keys of a schema, and the message for an unknown one. */
import { z } from 'zod'
import { formatList } from '../../base/figures.ts'
import { findClosest } from '../closest.ts'

const maxCompared = 100

type JsonSchema = Exclude<z.core.JSONSchema._JSONSchema, boolean>

/** `unknown key "pth": did you mean path? there are kind, name and path` */
export function explainUnknownKey(schema: z.ZodType, within: readonly PropertyKey[], key: string): string {
  const known = listKeys(schema, within)
  // Limited, because comparing takes time proportional to the length. A gate may be narrowed, as in `p99Ms{phase:during}`.
  const [name = ''] = key.slice(0, maxCompared).split('{')
  const closest = findClosest(name, known)
  const advice = closest === undefined ? '' : `did you mean ${closest}? `
  return `unknown key ${JSON.stringify(key.slice(0, maxCompared))}: ${advice}there are ${formatList(known)}`
}

/** The keys of the object at `path`; for a union, those of all members. */
function listKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let nodes = listAlternatives(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  for (const key of path) nodes = nodes.flatMap((node) => findMembers(node, key)).flatMap(listAlternatives)
  return [...new Set(nodes.flatMap(({ properties }) => Object.keys(properties ?? {})))]
}

function listAlternatives(node: JsonSchema): JsonSchema[] {
  const others = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])]
  return [node, ...others.flatMap((other) => (typeof other === 'boolean' ? [] : listAlternatives(other)))]
}

function findMembers({ properties, items, additionalProperties }: JsonSchema, key: PropertyKey): JsonSchema[] {
  const found = typeof key === 'number' ? items : (properties?.[String(key)] ?? additionalProperties)
  return [found].flat().filter((one): one is JsonSchema => typeof one === 'object')
}
