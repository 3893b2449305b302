/** The indexes of an Indexed Job: https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode */
import type { Pod } from '../store/objects.ts'

/** A label and an annotation of each pod of an Indexed Job. */
export const indexKey = 'batch.kubernetes.io/job-completion-index'

/** The pod's index, -1 when it has none. */
export function getCompletionIndex({ metadata }: Pod): number {
  const text = metadata?.annotations?.[indexKey] ?? ''
  return /^\d+$/.test(text) ? Number(text) : -1
}

/** In the form of a Job's status, `1,3-5,7`: two neighbours are listed, three or more are a range. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...new Set(indexes)].sort((a, b) => a - b)
  const parts: string[] = []
  for (let from = 0; from < sorted.length;) {
    let to = from
    while (to + 1 < sorted.length && sorted[to + 1] === (sorted[to] ?? 0) + 1) to++
    const [first, last] = [sorted[from] ?? 0, sorted[to] ?? 0]
    if (first === last) parts.push(`${first}`)
    else parts.push(last === first + 1 ? `${first},${last}` : `${first}-${last}`)
    from = to + 1
  }
  return parts.join(',')
}

export function parseIndexes(text = ''): Set<number> {
  const parts = text.split(',').filter((part) => part !== '')
  return new Set(
    parts.flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, offset) => first + offset)
    }),
  )
}
