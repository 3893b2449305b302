/** Plays cells on a cluster, one after another, as `nodrop run` does, and compares each with its required result. */
import { selectByName, readConfigurations, readScenarios } from '../../plan/catalogue.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Paths } from '../../cluster/clusters.ts'
import { createComparison } from '../../measure/comparison-directory.ts'
import type { PlannedRun } from '../../measure/plan-runs.ts'
import { readBaseManifests } from '../../measure/objects/base-manifests.ts'
import { executeRuns } from '../../measure/execute-runs.ts'
import type { Analysis } from '../../model/result.ts'
import type { Progress } from '../../measure/progress.ts'
import { listProblems, formatCellName, summarizeOutcome } from './cell.ts'
import type { Cell, CellOutcome } from './cell.ts'

export interface CellResult {
  cell: Cell
  outcome: CellOutcome
  /** Empty if the result was as required. */
  problems: string[]
  /** Number of runs: one that proves nothing is repeated. */
  attempts: number
}

export interface CellsOptions {
  paths: Paths
  /** Gets the directory of every run, with its log and report. */
  out: string
  progress: Progress
  signal: AbortSignal
  onResult: (result: CellResult) => void
}

/** If another program is busy for a while, the driver is late and the verdict `unknown`. */
const maxAttempts = 2

/** In the order of `cells`; fewer when the signal aborts. */
export async function playCells(
  cluster: Cluster,
  cells: readonly Cell[],
  options: CellsOptions,
): Promise<CellResult[]> {
  const results: CellResult[] = []
  for (const cell of cells) {
    const result = await playCell(cluster, cell, options)
    if (!result) break
    results.push(result)
    options.onResult(result)
  }
  return results
}

async function playCell(cluster: Cluster, cell: Cell, options: CellsOptions): Promise<CellResult | null> {
  for (let attempts = 1; ; attempts++) {
    const analysis = await runOnce(cluster, planRun(cell, options.paths, attempts), options)
    if (!analysis || options.signal.aborted) return null
    if (analysis.verdict === 'unknown' && attempts < maxAttempts) continue
    const outcome = summarizeOutcome(analysis)
    return { cell, outcome, problems: listProblems(cell, outcome), attempts }
  }
}

async function runOnce(cluster: Cluster, one: PlannedRun, options: CellsOptions): Promise<Analysis | undefined> {
  const { paths, out, progress, signal } = options
  const comparison = createComparison(out, new Date())
  const base = readBaseManifests(paths.manifests)
  const [run] = await executeRuns(cluster, { planned: [one], base, comparison, engine: 'driver', progress, signal })
  return run?.analysis
}

/** The seed shifts the load relative to the servers' own periods; each attempt has another one. */
function planRun({ scenario, configuration }: Cell, { scenarios, manifests }: Paths, seed: number): PlannedRun {
  const [asked] = selectByName(readScenarios(scenarios), ({ name }) => name, 'scenario', [scenario])
  const files = readConfigurations(manifests)
  const [file] = selectByName(files, ({ configuration }) => configuration.name, 'configuration', [configuration])
  if (!asked || !file) throw new Error(`There is no ${scenario} × ${configuration}`)
  return { scenario: asked, file, drivers: 1, via: { kind: 'service' }, round: 1, seed }
}

/** For people: the result of a cell, and its differences from the required one. */
export function formatCellResult({ cell, outcome, problems, attempts }: CellResult): string[] {
  const { verdict, sent, lost, kinds } = outcome
  const again = attempts === 1 ? '' : `, run ${attempts} times`
  const mark = problems.length === 0 ? '✓' : '✗'
  const told = kinds.length === 0 ? '' : ` (${kinds.join(', ')})`
  const title = `${mark} ${formatCellName(cell)}: ${verdict}, ${lost} of ${sent} lost${told}${again}`
  return [title, ...problems.map((problem) => `    ${problem}`)]
}
