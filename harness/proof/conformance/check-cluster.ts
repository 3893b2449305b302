/** Checks one cluster with the suite: starts it, plays what was requested, prints and stores the results. */
import { rmSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { connectApi } from '../../cluster/api.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { acquireCluster } from '../../cluster/clusters.ts'
import type { Paths } from '../../cluster/clusters.ts'
import { makeTemporaryDirectory } from '../../base/files/durable-file.ts'
import { printLines } from '../../terminal/print.ts'
import type { Progress } from '../../measure/progress.ts'
import { formatCellName } from './cell.ts'
import { cells } from './cells.ts'
import { writeDocument } from './document-file.ts'
import type { PlayedEnding } from '../endings/compare-run.ts'
import { checkEndings, recheckEndings } from '../endings/check-endings.ts'
import { toEndingMark, formatPlayName } from '../endings/table.ts'
import { diffSessions, normalizeSession, readGolden, writeGolden } from '../refusals/golden.ts'
import { playKubectl } from '../refusals/kubectl-session.ts'
import { formatCellResult, playCells } from './play-cells.ts'
import { isMet, formatCaseResult, playCases } from '../stage/play-cases.ts'
import { diffAnswers, readRecording, writeRecording } from '../refusals/recording.ts'
import type { Answer } from '../refusals/recording.ts'
import { exceptions, playOffers } from '../refusals/refusals.ts'
import { toCaseMarks, toCellMarks, readResults, writeResults } from './results.ts'
import type { ComparedCluster, PlayRecord, Results } from './results.ts'
import { playStuckPods } from '../refusals/stuck-pods.ts'
import { canPlay, cases } from './suite.ts'

export interface SuiteSelection {
  cases: boolean
  cells: boolean
  kubectl: boolean
  endings: boolean
  refusals: boolean
  /** Prefixes of the names of cases. */
  oneCase: string[] | undefined
  /** Parts of the names of cells. */
  oneCell: string[] | undefined
  /** Parts of the names of endings with their settings. */
  oneEnding: string[] | undefined
  /** Stores the results for conformance.md; kubectl's output on kind becomes the recording. */
  write: boolean
}

export interface CheckOptions {
  progress: Progress
  signal: AbortSignal
}

interface ClusterCheck extends CheckOptions {
  kind: ComparedCluster
  cluster: Cluster
  kubernetes: string
  selection: SuiteSelection
}

const repositoryRoot = join(import.meta.dirname, '../../..')
export const paths: Paths = {
  apps: join(repositoryRoot, 'apps'),
  scenarios: join(repositoryRoot, 'scenarios'),
  manifests: join(repositoryRoot, 'manifests'),
  reports: join(repositoryRoot, 'reports'),
}
/** Number of concurrent cases that leaves the timings of each undisturbed. On kind all of Kubernetes shares the machine with them. */
export const concurrency = { local: 6, kind: 3 } as const

/** Whether everything was as expected. */
export async function checkCluster(
  kind: ComparedCluster,
  selection: SuiteSelection,
  options: CheckOptions,
): Promise<boolean> {
  const { progress, signal } = options
  const stateDir = makeTemporaryDirectory('nodrop-conformance-')
  try {
    const logLine = (line: string): void => progress.say(line)
    const kindImage = process.env['NODROP_KIND_IMAGE']
    await using cluster = await acquireCluster(kind, {
      paths,
      stateDir,
      log: logLine,
      signal,
      ...(kindImage !== undefined && { kindImage }),
    })
    const api = connectApi(cluster.kubeconfig)
    const { gitVersion } = await api.version.getCode()
    api.close()
    const holding = { ...options, kind, cluster, kubernetes: gitVersion, selection }
    const met = [
      !selection.cases || (await checkCases(holding)),
      !selection.kubectl || (await checkKubectl(holding)),
      !selection.refusals || (await checkRefusals(holding)),
      !selection.cells || (await checkCells(holding)),
      !selection.endings || (await checkEndingsOfCluster(holding)),
    ]
    return met.every(Boolean)
  } finally {
    rmSync(stateDir, { recursive: true, force: true })
  }
}

async function checkCases(holding: ClusterCheck): Promise<boolean> {
  const { kind, cluster, selection, signal } = holding
  const chosen = cases
    .filter(({ name }) => selection.oneCase?.some((part) => name.startsWith(part)) ?? true)
    .filter((one) => canPlay(one, kind))
  const onResult = (result: Parameters<typeof formatCaseResult>[0]): void => printLines(...formatCaseResult(result))
  const from = performance.now()
  const results = await playCases(chosen, cluster.kubeconfig, { concurrency: concurrency[kind], onResult, signal })
  const met = results.filter(isMet).length
  printLines(`${kind}: ${met} of ${chosen.length} cases met in ${((performance.now() - from) / 1000).toFixed(0)} s`)
  if (selection.write && !signal.aborted) {
    updateResults((all) => (all.cases[kind] = buildPlayRecord(holding, toCaseMarks(results))))
  }
  return met === chosen.length
}

async function checkCells(holding: ClusterCheck): Promise<boolean> {
  const { kind, cluster, selection, progress, signal } = holding
  const chosen = cells.filter((cell) => selection.oneCell?.some((part) => formatCellName(cell).includes(part)) ?? true)
  const onResult = (result: Parameters<typeof formatCellResult>[0]): void => printLines(...formatCellResult(result))
  const out = join(paths.reports, 'runs', 'conformance')
  const results = await playCells(cluster, chosen, { paths, out, progress, signal, onResult })
  const met = results.filter(({ problems }) => problems.length === 0).length
  printLines(`${kind}: ${met} of ${chosen.length} cells met`)
  if (selection.write && results.length === cells.length) {
    updateResults((all) => (all.cells[kind] = buildPlayRecord(holding, toCellMarks(results))))
  }
  return met === chosen.length
}

async function checkEndingsOfCluster(holding: ClusterCheck): Promise<boolean> {
  const { kind, cluster, selection } = holding
  const saveMark = (played: PlayedEnding): void => {
    if (!selection.write) return
    updateResults((all) => {
      const marks = { ...all.endings[kind]?.marks, [formatPlayName(played)]: toEndingMark(played) }
      all.endings[kind] = buildPlayRecord(holding, marks)
    })
  }
  return checkEndings(cluster, { ...holding, paths, only: selection.oneEnding, onLines: printAll, save: saveMark })
}

/** Judges played endings again; returns whether enough of the attributions are right. */
export async function rejudgeEndings(write: boolean): Promise<boolean> {
  const saveMark = (played: PlayedEnding): void => {
    if (!write) return
    updateResults(({ endings }) => {
      const marks = endings[played.cluster as ComparedCluster]?.marks
      if (marks) marks[formatPlayName(played)] = toEndingMark(played)
    })
  }
  return recheckEndings({ paths, onLines: printAll, save: saveMark })
}

async function checkKubectl({ kind, cluster, selection, kubernetes }: ClusterCheck): Promise<boolean> {
  const spoken = await playKubectl(cluster.kubeconfig)
  if (selection.write && kind === 'kind') {
    writeGolden(spoken)
    updateResults((all) => (all.kubectl = { date: formatToday(), kubernetes }))
  }
  const lines = diffSessions(readGolden(), normalizeSession(spoken))
  printLines(
    ...lines,
    `${kind}: kubectl ${lines.length === 0 ? 'printed what was recorded on kind' : 'printed something else'}`,
  )
  return lines.length === 0
}

/** Objects that an API server refuses, and pods that a kubelet cannot start. */
async function checkRefusals({ kind, cluster, selection }: ClusterCheck): Promise<boolean> {
  const plays = [
    ['refusals', await playOffers(cluster.kubeconfig)],
    ['stuck-pods', await playStuckPods(cluster.kubeconfig)],
  ] as const
  const lines = plays.flatMap(([name, answers]) => {
    if (selection.write && kind === 'kind') writeRecording(name, answers)
    // The exceptions concern the embedded cluster.
    const isCompared = ({ title }: Answer): boolean => kind !== 'local' || !exceptions.has(title)
    return diffAnswers(readRecording(name).filter(isCompared), answers.filter(isCompared))
  })
  printLines(...lines, `${kind}: ${lines.length} answers differ from what was recorded on kind`)
  return lines.length === 0
}

function buildPlayRecord<Mark>({ kubernetes }: ClusterCheck, marks: Record<string, Mark>): PlayRecord<Mark> {
  return { date: formatToday(), kubernetes, cpus: cpus().length, marks }
}

/** Reads, changes and writes the results and the document that is made from them. */
function updateResults(change: (all: Results) => unknown): void {
  const all = readResults()
  change(all)
  writeResults(all)
  writeDocument()
}

function printAll(lines: readonly string[]): void {
  printLines(...lines)
}

function formatToday(): string {
  return new Date().toISOString().slice(0, 10)
}
