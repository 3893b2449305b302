/** Whether what decides of a row or a run held, in words. */
export function formatHeld(held: boolean | null, what: 'hypothesis' | 'gates'): string {
  if (held === null) return 'undecided'
  if (what === 'gates') return held ? 'kept' : 'not kept'
  return held ? 'held' : 'did not hold'
}
