/** What each configuration of a comparison changes, compared with one that lost nothing. */
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Deployed } from '../../model/deployed.ts'
import { listRunsOfRow } from '../report/reported-run.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { diffDeployed } from './deployed-diff.ts'
import type { ObjectDiff } from './deployed-diff.ts'

/** The configurations of one scenario on one cluster. */
export interface ConfigurationDiffs {
  scenario: string
  cluster: string
  /** The configuration that the others are compared with: the first that lost nothing, else the first. */
  base: string
  lostNothing: boolean
  diffs: ConfigurationDiff[]
  /** Configurations without a run that recorded what it deployed. */
  unknown: string[]
}

export interface ConfigurationDiff {
  configuration: string
  objects: ObjectDiff[]
}

/** For every scenario and cluster with two or more configurations, each from the first run that recorded its objects. */
export function listConfigurationDiffs(
  rows: readonly ComparisonRow[],
  runs: readonly ReportedRun[],
): ConfigurationDiffs[] {
  const groups = Map.groupBy(rows, ({ scenario, cluster }) => JSON.stringify([scenario, cluster]))
  return [...groups.values()].filter(({ length }) => length > 1).map((group) => compareGroup(group, runs))
}

function compareGroup(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): ConfigurationDiffs {
  const known = rows.flatMap((row) => {
    const deployed = findDeployed(row, runs)
    return deployed === undefined ? [] : [{ row, deployed }]
  })
  const base = known.find(({ row }) => row.result.verdict === 'passed') ?? known[0]
  const { scenario, cluster, configuration } = base?.row ?? rows[0]!
  return {
    scenario,
    cluster,
    base: configuration,
    lostNothing: base?.row.result.verdict === 'passed',
    diffs: known.flatMap(({ row, deployed }) =>
      base === undefined || row === base.row
        ? []
        : [{ configuration: row.configuration, objects: diffDeployed(base.deployed, deployed) }],
    ),
    unknown: rows.filter((row) => !known.some((one) => one.row === row)).map((row) => row.configuration),
  }
}

/** From the first run of a row that recorded what it deployed. */
export function findDeployed(row: ComparisonRow, runs: readonly ReportedRun[]): Deployed | undefined {
  return listRunsOfRow(row, runs).find(({ plan }) => plan.deployed !== undefined)?.plan.deployed
}
