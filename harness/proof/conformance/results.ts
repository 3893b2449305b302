/** The results of the latest complete plays of the suite, in a file beside it: the table of conformance.md is made from this alone. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../../base/files/durable-file.ts'
import { formatCellName } from './cell.ts'
import type { CellOutcome } from './cell.ts'
import type { EndingMark } from '../endings/table.ts'
import type { CellResult } from './play-cells.ts'
import { isMet } from '../stage/play-cases.ts'
import type { CaseResult } from '../stage/play-cases.ts'

export type ComparedCluster = 'local' | 'kind'
export const comparedClusters: readonly ComparedCluster[] = ['local', 'kind']

/** One complete play of cases or cells on one cluster. */
export interface PlayRecord<Mark> {
  /** `2026-11-25`. */
  date: string
  /** The version that the cluster reports: `v1.34.4`. */
  kubernetes: string
  cpus: number
  /** A special condition, for people. */
  note?: string
  /** By name. */
  marks: Record<string, Mark>
}

export interface CaseMark {
  met: boolean
  attempts: number
}

export interface CellMark extends CellOutcome {
  attempts: number
}

export interface Results {
  cases: Partial<Record<ComparedCluster, PlayRecord<CaseMark>>>
  cells: Partial<Record<ComparedCluster, PlayRecord<CellMark>>>
  /** From several plays: each ending has its latest result. */
  endings: Partial<Record<ComparedCluster, PlayRecord<EndingMark>>>
  /** The commands of the kubectl session, as recorded on kind. */
  kubectl: { date: string; kubernetes: string } | null
}

const resultsPath = join(import.meta.dirname, 'results.json')

export function readResults(): Results {
  return JSON.parse(readFileSync(resultsPath, 'utf8')) as Results
}

export function writeResults(results: Results): void {
  writeDurably(resultsPath, `${JSON.stringify(results, null, 2)}\n`, 0o644)
}

export function toCaseMarks(results: readonly CaseResult[]): Record<string, CaseMark> {
  return Object.fromEntries(results.map((result) => [result.name, { met: isMet(result), attempts: result.attempts }]))
}

export function toCellMarks(results: readonly CellResult[]): Record<string, CellMark> {
  return Object.fromEntries(
    results.map(({ cell, outcome, attempts }) => [formatCellName(cell), { ...outcome, attempts }]),
  )
}
