/** The sentences around a difference, the same in the page and in Markdown. */
import { formatCount, formatList, formatPlural } from '../../base/figures.ts'
import type { ConfigurationDiff, ConfigurationDiffs } from './configuration-diffs.ts'
import type { DiffLine, ObjectDiff } from './deployed-diff.ts'

export const diffTitle = 'What the configurations change'

/** Which side is which; empty where nothing is compared. */
export function formatDiffBase(
  { base, lostNothing, diffs, scenario, cluster }: ConfigurationDiffs,
  several: boolean,
): string {
  if (diffs.length === 0) return ''
  const where = several ? `${scenario} on ${cluster}: ` : ''
  const which = lostNothing ? 'the first configuration that lost nothing' : 'the first configuration'
  return `${where}Lines with - are those of ${base}, ${which}; lines with + are those of the other.`
}

/** One sentence for all configurations whose objects are unknown; empty if there are none. */
export function formatUnknown({ unknown }: ConfigurationDiffs): string {
  if (unknown.length === 0) return ''
  return `What ${formatList(unknown)} deployed is not in the run's plan.json: an earlier nodrop did not keep it, or the run ended before.`
}

/** `2 lines removed and 4 added in Deployment web`. */
export function formatChange({ objects }: Pick<ConfigurationDiff, 'objects'>): string {
  return objects.length === 0 ? 'the same objects and images' : formatList(objects.map(formatObjectChange))
}

function formatObjectChange({ name, change, lines }: ObjectDiff): string {
  if (change !== 'changed') return `${name} ${change}`
  const count = (kind: DiffLine['kind']): number => lines.filter((line) => line.kind === kind).length
  const [removed, added] = [count('removed'), count('added')]
  const parts = [
    ...(removed > 0 ? [`${formatPlural(removed, 'line')} removed`] : []),
    ...(added > 0 ? [`${removed > 0 ? formatCount(added) : formatPlural(added, 'line')} added`] : []),
  ]
  return `${formatList(parts)} in ${name}`
}

/** The sign in front of a line. */
export const diffSigns: Record<DiffLine['kind'], string> = { added: '+', removed: '-', same: ' ', gap: '⋯' }
