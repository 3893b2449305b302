/** Plays cases on a cluster, several at a time, and holds what they saw against what is documented. */
import { randomBytes } from 'node:crypto'
import { getErrorMessage } from '../../base/fault.ts'
import type { Case, Observations } from '../cases/case.ts'
import { findDifferences } from './expectation.ts'
import type { Difference } from './expectation.ts'
import { openCaseContext } from './case-context.ts'

export interface CaseResult {
  name: string
  /** Empty when everything was as documented. */
  differences: Difference[]
  /** `null` when the case could not be played to its end; then `error` says why. */
  observed: Observations | null
  error: string | null
  tookMs: number
  /** 2 when it was played again by itself. */
  attempts: number
}

const limitMs = 60_000

export async function playCase(one: Case, kubeconfig: string): Promise<CaseResult> {
  const from = performance.now()
  const namespace = `conformance-${one.name}-${randomBytes(2).toString('hex')}`.slice(0, 63)
  const buildResult = (rest: Pick<CaseResult, 'differences' | 'observed' | 'error'>): CaseResult => ({
    name: one.name,
    ...rest,
    attempts: 1,
    tookMs: Math.round(performance.now() - from),
  })
  try {
    await using opened = await openCaseContext(kubeconfig, namespace, one.limitMs ?? limitMs)
    const observed = await one.observe(opened.context)
    return buildResult({ observed, differences: findDifferences(one.expected, observed), error: null })
  } catch (error) {
    return buildResult({ observed: null, differences: [], error: formatError(error) })
  }
}

export interface PlayOptions {
  /** How many cases are played side by side. */
  concurrency: number
  /** Also before a case is played again. */
  onResult: (result: CaseResult) => void
  /** Begins no other case. */
  signal: AbortSignal
}

/**
 * In the order of `cases`, whatever the order in which they end. Kubernetes promises no upper bound on how soon anything
 * happens, and on a busy machine all that is bounded here comes late: so a case that was not met among others is
 * played once more, by itself, and that counts.
 */
export async function playCases(
  cases: readonly Case[],
  kubeconfig: string,
  options: PlayOptions,
): Promise<CaseResult[]> {
  const results = await playConcurrently(cases, kubeconfig, options)
  for (const [index, one] of cases.entries()) {
    const first = results[index]
    if (!first || isMet(first) || options.concurrency === 1 || options.signal.aborted) continue
    const second = { ...(await playCase(one, kubeconfig)), attempts: 2 }
    results[index] = second
    options.onResult(second)
  }
  return results
}

async function playConcurrently(
  cases: readonly Case[],
  kubeconfig: string,
  options: PlayOptions,
): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  const waiting = cases.entries()
  const playNext = async (): Promise<void> => {
    for (const [index, one] of waiting) {
      if (options.signal.aborted) return
      const result = await playCase(one, kubeconfig)
      results[index] = result
      options.onResult(result)
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, playNext))
  return results
}

export function isMet({ differences, error }: CaseResult): boolean {
  return differences.length === 0 && error === null
}

/** For people: what was expected beside what was seen. */
export function formatCaseResult({ name, differences, observed, error, tookMs, attempts }: CaseResult): string[] {
  const seconds = `${(tookMs / 1000).toFixed(1)} s${attempts === 1 ? '' : ', by itself'}`
  if (error !== null) return [`✗ ${name} (${seconds}): ${error}`]
  if (differences.length === 0) return [`✓ ${name} (${seconds})`]
  const all = `    observed: ${JSON.stringify(observed)}`
  const lines = differences.map(
    ({ path, expected, observed }) => `    ${path}: expected ${expected}, observed ${observed}`,
  )
  return [`✗ ${name} (${seconds})`, ...lines, all]
}

/** A refusal by the API server says why in its body; a time that is up is in the cause. */
function formatError(error: unknown): string {
  const body = typeof error === 'object' && error !== null && 'body' in error ? ` ${JSON.stringify(error.body)}` : ''
  const cause = error instanceof Error && error.cause !== undefined ? ` (${getErrorMessage(error.cause)})` : ''
  return `${getErrorMessage(error)}${body}${cause}`
}
