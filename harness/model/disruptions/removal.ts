/** Pods that must leave, and whether they have. */
import type { OldPod, Removal } from './kind.ts'

const list = new Intl.ListFormat('en-GB')

/** All of them must leave. */
export function removeAll(pods: readonly OldPod[]): Removal {
  return { candidates: pods.map(({ name }) => name), count: pods.length }
}

/** Why it is not shown that all of `expected` were removed; `null` where it is. */
export function explainNotRemoved(expected: readonly string[], removed: ReadonlySet<string>): string | null {
  const stayed = expected.filter((name) => !removed.has(name))
  if (stayed.length === expected.length) return 'nothing was disrupted: no old pod left'
  return stayed.length === 0 ? null : `${list.format(stayed)} did not leave before the disruption ended`
}
