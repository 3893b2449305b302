/** What a case expects of what it observed: plain data, in which any value may be a check with words for people. */

/** A condition on one observed value, with its meaning in words. */
export interface Check {
  readonly text: string
  holds(observed: unknown): boolean
}

/** Observed data must equal it, but where it has a check. Keys that are not named are not looked at. */
export type Expected =
  | Check
  | null
  | boolean
  | number
  | string
  | readonly Expected[]
  | { readonly [key: string]: Expected }

/** A whole number of ms (or anything else that is counted) between two bounds, both included. */
export function between(least: number, most: number): Check {
  return {
    text: `${least} … ${most}`,
    holds: (observed) => typeof observed === 'number' && observed >= least && observed <= most,
  }
}

export function atLeast(least: number): Check {
  return { text: `≥ ${least}`, holds: (observed) => typeof observed === 'number' && observed >= least }
}

/** Text that a regular expression finds. */
export function matching(pattern: RegExp): Check {
  return { text: String(pattern), holds: (observed) => typeof observed === 'string' && pattern.test(observed) }
}

export interface Difference {
  /** Where in the observation, as `a.b[0]`. */
  path: string
  expected: string
  observed: string
}

/** Everything in which the observation is not as expected; empty when it is. */
export function differences(expected: Expected, observed: unknown, path = ''): Difference[] {
  const differ = (): Difference[] => [{ path, expected: shown(expected), observed: shown(observed) }]
  if (isCheck(expected)) return expected.holds(observed) ? [] : differ()
  if (typeof expected !== 'object' || expected === null) return Object.is(expected, observed ?? null) ? [] : differ()
  if (Array.isArray(expected)) {
    const wanted = expected as readonly Expected[]
    if (!Array.isArray(observed) || observed.length !== wanted.length) return differ()
    return wanted.flatMap((one, index) => differences(one, observed[index], `${path}[${index}]`))
  }
  if (typeof observed !== 'object' || observed === null) return differ()
  return Object.entries(expected).flatMap(([key, one]) =>
    differences(one, (observed as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`),
  )
}

/** As people read it: JSON, with the words of checks in angle brackets. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  return JSON.stringify(value, (_, inner: unknown) => (isCheck(inner) ? `‹${inner.text}›` : inner))
    .replaceAll('"‹', '‹')
    .replaceAll('›"', '›')
}

function isCheck(value: unknown): value is Check {
  return typeof value === 'object' && value !== null && 'holds' in value && typeof value.holds === 'function'
}
