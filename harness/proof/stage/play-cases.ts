/** Plays cases on a cluster, several at a time, and compares their observations with the documentation. */
import { randomBytes } from 'node:crypto'
import { getErrorMessage } from '../../base/fault.ts'
import type { Case, Observations } from '../cases/case.ts'
import { findDifferences } from './expectation.ts'
import type { Difference } from './expectation.ts'
import { openCaseContext } from './case-context.ts'

export interface CaseResult {
  name: string
  /** Empty if everything was as documented. */
  differences: Difference[]
  /** `null` if the case could not be completed; then `error` says why. */
  observed: Observations | null
  error: string | null
  tookMs: number
  /** 2 if it was repeated alone. */
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
  /** Number of cases that are played concurrently. */
  concurrency: number
  /** Also called before a case is repeated. */
  onResult: (result: CaseResult) => void
  /** Stops the start of further cases. */
  signal: AbortSignal
}

/**
 * In the order of `cases`, whatever the order in which they end. Kubernetes promises no upper bound on any delay, and on a busy machine
 * everything that is bounded here comes late: so a case that failed among others is played once more, alone, and that result counts.
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

/** For people: the expected values beside the observed ones. */
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

/** The body of an API server's refusal contains the reason; that of a timeout is in the cause. */
function formatError(error: unknown): string {
  const body = typeof error === 'object' && error !== null && 'body' in error ? ` ${JSON.stringify(error.body)}` : ''
  const cause = error instanceof Error && error.cause !== undefined ? ` (${getErrorMessage(error.cause)})` : ''
  return `${getErrorMessage(error)}${body}${cause}`
}
