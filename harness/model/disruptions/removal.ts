/** Which pods must leave, and whether they have. */
import type { OldPod, Removal } from './kind.ts'

const list = new Intl.ListFormat('en-GB')

/** All of them must leave. */
export function removeAll(pods: readonly OldPod[]): Removal {
  return { candidates: pods.map(({ name }) => name), count: pods.length }
}

/** At most that many of them, by name, so that every reader of the log selects the same ones. */
export function selectFirst(pods: readonly OldPod[], count?: number): Removal {
  if (count === undefined) return removeAll(pods)
  const candidates = removeAll(pods).candidates.toSorted().slice(0, count)
  return { candidates, count: candidates.length }
}

/** Why it is not shown that all of `expected` were removed; `null` if it is. */
export function explainNotRemoved(expected: readonly string[], removed: ReadonlySet<string>): string | null {
  const stayed = expected.filter((name) => !removed.has(name))
  if (stayed.length === expected.length) return 'nothing was disrupted: no old pod left'
  return stayed.length === 0 ? null : `${list.format(stayed)} did not leave before the disruption ended`
}

/** `every pod`, `2 pods`. */
export function formatPods(count?: number): string {
  if (count === undefined) return 'every pod'
  return count === 1 ? '1 pod' : `${count} pods`
}
