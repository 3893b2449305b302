/** A comparison that was interrupted: its completed runs, and those that are missing. */
import { existsSync, renameSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import type { ReportedRun } from '../../judge/report/reported-run.ts'
import { readSavedComparison } from '../../judge/saved/read-comparison.ts'
import { readComparison } from '../../log/comparison-file.ts'
import { formatPlan } from '../../log/format-plan.ts'
import { cellSchema } from '../../log/plan-file.ts'
import type { CellPlan, ComparisonPlan } from '../../model/plan.ts'
import { planComparison } from '../plan-runs.ts'
import type { Comparison } from '../comparison-directory.ts'
import type { ComparisonOptions, PlannedRun } from '../plan-runs.ts'

export interface ResumedComparison extends Comparison {
  plan: ComparisonPlan
  /** Completed runs. */
  done: ReportedRun[]
}

/** Throws a usage Fault if no plan exists, or nothing is left to run. */
export async function readResumedComparison(directory: string): Promise<ResumedComparison> {
  const plan = readComparison(directory)
  if (plan === null) {
    const why = 'it has no comparison.json, which says what was planned'
    throw new Fault('usage', `Cannot resume ${directory}: ${why}`, 'Give the directory of a comparison.')
  }
  const { runs } = await readSavedComparison(directory)
  const done = runs.filter(({ analysis }) => analysis.ending === 'complete')
  if (done.length < plan.runs.length + plan.repeats.length) return { id: plan.id, directory, plan, done }
  throw new Fault(
    'usage',
    `Cannot resume ${directory}: all of its ${plan.runs.length} runs went through to their end`,
    `nodrop report ${directory} judges them again.`,
  )
}

/** Its cells as defined now by the folders, each once. Throws a usage Fault if one no longer exists. */
export function planResumedCells({ plan }: ResumedComparison, asked: ComparisonOptions): PlannedRun[] {
  // The cells decide which configuration is played twice, and each is planned by itself.
  const { aa: _, ...options } = asked
  return plan.cells.flatMap(({ scenario, configuration, drivers, via, fullRecords, connectionTracking }) => {
    const { ratePerSecond, closedLoop } = scenario.load
    const { name, sameAs } = configuration
    const planned = planComparison({
      ...options,
      scenario: [scenario.name],
      config: [sameAs ?? name],
      ...(sameAs !== undefined && { aa: true }),
      rate: ratePerSecond,
      replicas: scenario.replicas,
      engine: closedLoop?.engine ?? 'driver',
      ...(closedLoop && { connections: closedLoop.connections }),
      drivers,
      via,
      rounds: 1,
      seed: plan.seed,
      ...(fullRecords !== undefined && { fullRecords }),
      ...(connectionTracking !== undefined && { connectionTracking }),
    })
    return planned.filter(({ file }) => file.configuration.name === name)
  })
}

/** A planned run for each run of the comparison, in its order. Throws a usage Fault if a cell is not planned. */
export function arrangeResumedRuns(
  { plan }: Pick<ResumedComparison, 'plan'>,
  planned: readonly PlannedRun[],
): PlannedRun[] {
  return plan.runs.map(({ cell, round, seed }) => {
    const { scenario, configuration } = plan.cells[cell]!
    const found = planned.find(
      (one) => one.scenario.name === scenario.name && one.file.configuration.name === configuration.name,
    )
    if (found === undefined) throw createChangedFault(plan, `${scenario.name} × ${configuration.name} is not asked for`)
    return { ...found, round, seed }
  })
}

/** The missing runs, repeated ones last. Throws a usage Fault if a cell is not planned. */
export function listMissingRuns({ plan, done }: ResumedComparison, planned: readonly PlannedRun[]): PlannedRun[] {
  const there = new Set(done.map(({ dir }) => dir))
  const runs = [...plan.runs, ...plan.repeats].filter(({ dir }) => !there.has(dir))
  return arrangeResumedRuns({ plan: { ...plan, runs } }, planned)
}

/**
 * The comparison's own plan, once it has been compared with what would be run now: all rounds must be measured alike. Its cells are the
 * present ones, because written ones have digests in place of values that may be credentials, and no functions. Throws a usage Fault that
 * names the first difference.
 */
export function adoptResumedPlan({ plan }: ResumedComparison, intended: Pick<ComparisonPlan, 'cells'>): ComparisonPlan {
  const cells = plan.cells.map((cell): CellPlan => {
    const name = `${cell.scenario.name} × ${cell.configuration.name}`
    const now = intended.cells.find(
      ({ scenario, configuration }) =>
        scenario.name === cell.scenario.name && configuration.name === cell.configuration.name,
    )
    if (now === undefined) throw createChangedFault(plan, `${name} is not asked for`)
    const difference = findDifference(withoutDerived(cell), withoutDerived(readAsWritten(now)))
    if (difference !== null) throw createChangedFault(plan, `${name} is not what it was: ${difference}`)
    const { capacity, keptFields } = cell
    return { ...withoutDerived(now), ...(capacity && { capacity }), ...(keptFields && { keptFields }) }
  })
  return { ...plan, cells }
}

/** As read from comparison.json, where values that may be credentials are digests. */
function readAsWritten(cell: CellPlan): CellPlan {
  return cellSchema.parse(JSON.parse(formatPlan(cell)))
}

/** The part that is compared: a capacity may be measured again, and the kept fields are found during deployment. */
function withoutDerived(cell: CellPlan): Omit<CellPlan, 'capacity' | 'keptFields'> {
  const { capacity: _, keptFields: __, ...held } = cell
  return held
}

/** `environment.kernel was 6.8.0, is 6.11.0`; `null` without a difference. */
function findDifference(was: unknown, is: unknown, path = ''): string | null {
  if (typeof was === 'object' && was !== null && typeof is === 'object' && is !== null) {
    for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
      const [before, now] = [was, is].map((one) => (one as Record<string, unknown>)[key])
      const found = findDifference(before, now, path === '' ? key : `${path}.${key}`)
      if (found !== null) return found
    }
    return null
  }
  return was === is ? null : `${path} was ${formatPart(was)}, is ${formatPart(is)}`
}

function formatPart(value: unknown): string {
  return value === undefined ? 'not there' : JSON.stringify(value).slice(0, 80)
}

function createChangedFault({ id }: ComparisonPlan, what: string): Fault {
  return new Fault(
    'usage',
    `Cannot resume ${id}: ${what}`,
    'Rounds of one comparison are measured alike. Give the options that it had, or start a new one.',
  )
}

/** Keeps the files of an interrupted run beside the run that replaces it. */
export function setInterruptedRunAside(runDir: string): void {
  if (!existsSync(runDir)) return
  for (let number = 1; ; number++) {
    const aside = join(runDir, '..', `${basename(runDir)}.interrupted-${number}`)
    if (!existsSync(aside)) return renameSync(runDir, aside)
  }
}
