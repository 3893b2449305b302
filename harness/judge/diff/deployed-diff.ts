/** The difference between what two runs deployed: objects as YAML, compared line by line. */
import { stringify } from 'yaml'
import type { Deployed, DeployedObject } from '../../model/deployed.ts'
import { diffDocuments } from './document-diff.ts'
import type { ObjectDiff } from './document-diff.ts'

export type { DiffLine, ObjectDiff } from './document-diff.ts'

/** Objects that differ, in the order of `before`, then those that only `after` has. Empty where there is no difference. */
export function diffDeployed(before: Deployed, after: Deployed): ObjectDiff[] {
  return diffDocuments(listDocuments(before), listDocuments(after))
}

/** YAML by kind and name, with sorted keys and without folded lines, so that lines can be compared. */
export function listDocuments({ objects, images }: Deployed): Map<string, string> {
  const documents = Map.groupBy(objects, ({ kind, metadata }) => `${kind} ${metadata.name}`)
  const texts = [...documents].map(([name, same]): [string, string] => [name, same.map(formatYaml).join('---\n')])
  const digests = images.map(({ name, digest }) => `${name}${digest === null ? '' : `@${digest}`}\n`)
  return new Map([...texts, ['Images', digests.join('')]])
}

function formatYaml(object: DeployedObject): string {
  return stringify(object, { sortMapEntries: true, lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false })
}
