/** The expected observations of a case: plain data, in which any value may be a check with a description. */

/** A condition on one observed value, with its description. */
export interface Check {
  readonly text: string
  holds(observed: unknown): boolean
}

/** Observed data must be equal, except where there is a check. Keys that are not named are ignored. */
export type Expected =
  | Check
  | null
  | boolean
  | number
  | string
  | readonly Expected[]
  | { readonly [key: string]: Expected }

/** A whole number of ms (or another count) between two bounds, both included. */
export function isBetween(least: number, most: number): Check {
  return {
    text: `${least} … ${most}`,
    holds: (observed) => typeof observed === 'number' && observed >= least && observed <= most,
  }
}

export function isAtLeast(least: number): Check {
  return { text: `≥ ${least}`, holds: (observed) => typeof observed === 'number' && observed >= least }
}

/** Text that a regular expression finds. */
export function matchesPattern(pattern: RegExp): Check {
  return { text: String(pattern), holds: (observed) => typeof observed === 'string' && pattern.test(observed) }
}

export interface Difference {
  /** The path in the observation, such as `a.b[0]`. */
  path: string
  expected: string
  observed: string
}

/** All differences of the observation from the expectation; empty without any. */
export function findDifferences(expected: Expected, observed: unknown, path = ''): Difference[] {
  const toDifference = (): Difference[] => [{ path, expected: formatValue(expected), observed: formatValue(observed) }]
  if (isCheck(expected)) return expected.holds(observed) ? [] : toDifference()
  if (typeof expected !== 'object' || expected === null)
    return Object.is(expected, observed ?? null) ? [] : toDifference()
  if (Array.isArray(expected)) {
    const wanted = expected as readonly Expected[]
    if (!Array.isArray(observed) || observed.length !== wanted.length) return toDifference()
    return wanted.flatMap((one, index) => findDifferences(one, observed[index], `${path}[${index}]`))
  }
  if (typeof observed !== 'object' || observed === null) return toDifference()
  return Object.entries(expected).flatMap(([key, one]) =>
    findDifferences(one, (observed as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`),
  )
}

/** For people: JSON, with the descriptions of checks in angle brackets. */
export function formatValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  return JSON.stringify(value, (_, inner: unknown) => (isCheck(inner) ? `‹${inner.text}›` : inner))
    .replaceAll('"‹', '‹')
    .replaceAll('›"', '›')
}

function isCheck(value: unknown): value is Check {
  return typeof value === 'object' && value !== null && 'holds' in value && typeof value.holds === 'function'
}
