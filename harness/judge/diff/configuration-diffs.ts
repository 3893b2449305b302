/** What each configuration of a comparison changes, against one that lost nothing. */
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
  /** What the others are held against: the first configuration that lost nothing, else the first. */
  base: string
  lostNothing: boolean
  diffs: ConfigurationDiff[]
  /** Configurations of which no run says what it deployed. */
  unknown: string[]
}

export interface ConfigurationDiff {
  configuration: string
  objects: ObjectDiff[]
}

/** Of every scenario and cluster with two configurations or more. Runs of one configuration deploy the same: the first that says what is taken. */
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

/** Of the first run of a row that says what it deployed. */
export function findDeployed(row: ComparisonRow, runs: readonly ReportedRun[]): Deployed | undefined {
  return listRunsOfRow(row, runs).find(({ plan }) => plan.deployed !== undefined)?.plan.deployed
}
