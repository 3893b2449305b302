/** When each pod was in a set that is reported anew at every change, such as the ready endpoints of a Service. */

/** Half-open; `toUs` is Infinity while it lasts. */
export interface Span {
  fromUs: number
  toUs: number
}

/** From `atUs` on these are the members of one part of the set, for example of one EndpointSlice. */
export interface Membership {
  atUs: number
  part: string
  pods: readonly string[]
}

/**
 * A pod is present while it is in any part: slice 1 has a from 1, slice 2 has a from 3, slice 1 has none from 4, slice 2 has
 * none from 7 gives a [1, 7).
 */
export function computePresence(changes: readonly Membership[]): Map<string, Span[]> {
  const parts = new Map<string, readonly string[]>()
  const spans = new Map<string, Span[]>()
  let present = new Set<string>()
  for (const { atUs, part, pods } of changes) {
    parts.set(part, pods)
    const now = new Set([...parts.values()].flat())
    for (const pod of now.difference(present)) {
      const own = spans.get(pod)
      if (own) own.push({ fromUs: atUs, toUs: Infinity })
      else spans.set(pod, [{ fromUs: atUs, toUs: Infinity }])
    }
    for (const pod of present.difference(now)) spans.get(pod)!.at(-1)!.toUs = atUs
    present = now
  }
  return spans
}

/** When the last presence ended; `null` without one or while it lasts. */
export function findEndUs(spans: readonly Span[] | undefined): number | null {
  const end = spans?.at(-1)?.toUs ?? Infinity
  return end === Infinity ? null : end
}

/** When no member was present, after the first: [1, 3) and [5, 7) of two leave [3, 5) and [7, Infinity). */
export function computeAbsence(spans: Iterable<Span>): Span[] {
  const gaps: Span[] = []
  let endUs: number | null = null
  for (const { fromUs, toUs } of [...spans].sort((a, b) => a.fromUs - b.fromUs)) {
    if (endUs !== null && fromUs > endUs) gaps.push({ fromUs: endUs, toUs: fromUs })
    endUs = Math.max(endUs ?? toUs, toUs)
  }
  return endUs === null || endUs === Infinity ? gaps : [...gaps, { fromUs: endUs, toUs: Infinity }]
}
