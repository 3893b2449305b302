/** The plan of a comparison for `comparison.json`, and which of its rounds are repeated. */
import type { CellPlan, CellRun, ComparisonPlan, RunPlan } from '../model/plan.ts'
import type { ReportedRun } from '../judge/report/reported-run.ts'
import type { Comparison } from './comparison-directory.ts'

/** Half of them, rounded up: one for a single round. */
export function computeMaxRepeats(rounds: number): number {
  return Math.ceil(rounds / 2)
}

export interface ComparisonInputs {
  comparison: Comparison
  /** In the order in which they are run. */
  plans: readonly RunPlan[]
  mostRepeats: number
  /** If rounds are added as they begin: their maximum time, and the maximum number of runs. */
  untilDecided?: { maxMs: number; mostRuns: number }
}

export function buildComparisonPlan({
  comparison,
  plans,
  mostRepeats,
  untilDecided,
}: ComparisonInputs): ComparisonPlan {
  const cells: CellPlan[] = []
  const places = new Map<string, number>()
  const rounds = Math.max(...plans.map(({ round }) => round))
  const digits = String(untilDecided?.mostRuns ?? plans.length + mostRepeats).length
  const runs = plans.map((plan, index): CellRun => {
    const { schema: _, runId, round, seed, ...cell } = plan
    const key = JSON.stringify([cell.scenario.name, cell.configuration.name])
    const place = places.get(key) ?? cells.push(cell) - 1
    places.set(key, place)
    // Sorted by name, the directories of a comparison are in order of execution.
    const number = String(index + 1).padStart(digits, '0')
    return {
      dir: `${number}-${cell.scenario.name}-${cell.configuration.name}-r${round}`,
      runId,
      cell: place,
      round,
      seed,
    }
  })
  return {
    schema: 1,
    id: comparison.id,
    rounds,
    seed: plans[0]?.seed ?? 0,
    ...(untilDecided && { untilDecided: { maxMs: untilDecided.maxMs } }),
    mostRepeats,
    cells,
    runs,
    repeats: [],
  }
}

type Repeat = ComparisonPlan['repeats'][number]

/**
 * The next round to repeat: one whose runs were all completed without a verdict, with the fewest runs so far, of a cell that has repeats
 * left. `null` without one.
 */
export function findNextRepeat(comparison: ComparisonPlan, done: readonly ReportedRun[]): Repeat | null {
  const byDir = new Map(done.map((run) => [run.dir, run]))
  const candidates = comparison.runs.flatMap((run, order) => {
    const again = comparison.repeats.filter(({ cell, round }) => cell === run.cell && round === run.round)
    const runs = [run, ...again].map(({ dir }) => byDir.get(dir))
    const isDisturbed = runs.every(
      (each) => each?.analysis.verdict === 'unknown' && each.analysis.ending === 'complete',
    )
    const used = comparison.repeats.filter(({ cell }) => cell === run.cell).length
    const because = runs.at(-1)?.analysis.because[0] ?? ''
    return isDisturbed && used < comparison.mostRepeats ? [{ run, order, attempt: runs.length + 1, because }] : []
  })
  const [next] = candidates.sort((a, b) => a.attempt - b.attempt || a.order - b.order)
  if (next === undefined) return null
  const { run, attempt, because } = next
  const number = comparison.runs.length + comparison.repeats.length + 1
  const digits = run.dir.indexOf('-')
  const name = run.dir.slice(digits + 1)
  return {
    ...run,
    dir: `${String(number).padStart(digits, '0')}-${name}-run${attempt}`,
    runId: `${run.runId}-run${attempt}`,
    attempt,
    because,
  }
}
