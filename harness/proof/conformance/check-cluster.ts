/** Holds one cluster against the suite: starts it, plays what was asked for, tells, and keeps the results. */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectApi } from '../../cluster/api.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { useCluster } from '../../cluster/clusters.ts'
import type { Paths } from '../../cluster/clusters.ts'
import { print } from '../../terminal/print.ts'
import type { Progress } from '../../terminal/progress.ts'
import { nameOf } from './cell.ts'
import { cells } from './cells.ts'
import { writeDocument } from './document-file.ts'
import type { Played } from '../endings/compare-run.ts'
import { holdEndings, holdEndingsAgain } from '../endings/check-endings.ts'
import { markOfPlay, nameOfPlay } from '../endings/table.ts'
import { differingLines, normalTexts, readGolden, writeGolden } from '../refusals/golden.ts'
import { playKubectl } from '../refusals/kubectl-session.ts'
import { linesOfCell, playCells } from './play-cells.ts'
import { isMet, linesOf, playAll } from '../stage/play-cases.ts'
import { differingAnswers, readRecording, writeRecording } from '../refusals/recording.ts'
import type { Answer } from '../refusals/recording.ts'
import { exceptions, playOffers } from '../refusals/refusals.ts'
import { caseMarks, cellMarks, readResults, writeResults } from './results.ts'
import type { ComparedCluster, Play, Results } from './results.ts'
import { playStuckPods } from '../refusals/stuck-pods.ts'
import { canPlay, cases } from './suite.ts'

export interface Asked {
  cases: boolean
  cells: boolean
  kubectl: boolean
  endings: boolean
  refusals: boolean
  /** Beginnings of the names of cases. */
  oneCase: string[] | undefined
  /** Parts of the names of cells. */
  oneCell: string[] | undefined
  /** Parts of the names of endings with their settings. */
  oneEnding: string[] | undefined
  /** Keeps what came of it, for conformance.md; kubectl's output on kind becomes the recording. */
  write: boolean
}

export interface HoldOptions {
  progress: Progress
  signal: AbortSignal
}

interface Holding extends HoldOptions {
  kind: ComparedCluster
  cluster: Cluster
  kubernetes: string
  asked: Asked
}

const home = join(import.meta.dirname, '../../..')
export const paths: Paths = {
  apps: join(home, 'apps'),
  scenarios: join(home, 'scenarios'),
  manifests: join(home, 'manifests'),
  reports: join(home, 'reports'),
}
/** Cases side by side: as many as leave the timings of each alone. On kind all of Kubernetes shares the machine with them. */
export const atOnce = { local: 6, kind: 3 } as const

/** Whether everything was as expected. */
export async function holdCluster(kind: ComparedCluster, asked: Asked, options: HoldOptions): Promise<boolean> {
  const { progress, signal } = options
  const stateDir = mkdtempSync(join(tmpdir(), 'nodrop-conformance-'))
  try {
    const log = (line: string): void => progress.say(line)
    const kindImage = process.env['NODROP_KIND_IMAGE']
    await using cluster = await useCluster(kind, {
      paths,
      stateDir,
      log,
      signal,
      ...(kindImage !== undefined && { kindImage }),
    })
    const api = connectApi(cluster.kubeconfig)
    const { gitVersion } = await api.version.getCode()
    api.close()
    const holding = { ...options, kind, cluster, kubernetes: gitVersion, asked }
    const met = [
      !asked.cases || (await holdCases(holding)),
      !asked.kubectl || (await holdKubectl(holding)),
      !asked.refusals || (await holdRefusals(holding)),
      !asked.cells || (await holdCells(holding)),
      !asked.endings || (await holdAllEndings(holding)),
    ]
    return met.every(Boolean)
  } finally {
    rmSync(stateDir, { recursive: true, force: true })
  }
}

async function holdCases(holding: Holding): Promise<boolean> {
  const { kind, cluster, asked, signal } = holding
  const chosen = cases
    .filter(({ name }) => asked.oneCase?.some((part) => name.startsWith(part)) ?? true)
    .filter((one) => canPlay(one, kind))
  const onResult = (result: Parameters<typeof linesOf>[0]): void => print(...linesOf(result))
  const from = performance.now()
  const results = await playAll(chosen, cluster.kubeconfig, { atOnce: atOnce[kind], onResult, signal })
  const met = results.filter(isMet).length
  print(`${kind}: ${met} of ${chosen.length} cases met in ${((performance.now() - from) / 1000).toFixed(0)} s`)
  if (asked.write && !signal.aborted) {
    keep((all) => (all.cases[kind] = play(holding, caseMarks(results))))
  }
  return met === chosen.length
}

async function holdCells(holding: Holding): Promise<boolean> {
  const { kind, cluster, asked, progress, signal } = holding
  const chosen = cells.filter((cell) => asked.oneCell?.some((part) => nameOf(cell).includes(part)) ?? true)
  const onResult = (result: Parameters<typeof linesOfCell>[0]): void => print(...linesOfCell(result))
  const out = join(paths.reports, 'runs', 'conformance')
  const results = await playCells(cluster, chosen, { paths, out, progress, signal, onResult })
  const met = results.filter(({ complaints }) => complaints.length === 0).length
  print(`${kind}: ${met} of ${chosen.length} cells met`)
  if (asked.write && results.length === cells.length) {
    keep((all) => (all.cells[kind] = play(holding, cellMarks(results))))
  }
  return met === chosen.length
}

async function holdAllEndings(holding: Holding): Promise<boolean> {
  const { kind, cluster, asked } = holding
  const keepOne = (played: Played): void => {
    if (!asked.write) return
    keep((all) => {
      const marks = { ...all.endings[kind]?.marks, [nameOfPlay(played)]: markOfPlay(played) }
      all.endings[kind] = play(holding, marks)
    })
  }
  return holdEndings(cluster, { ...holding, paths, only: asked.oneEnding, tell: printAll, keep: keepOne })
}

/** Judges what was played of the endings again; whether enough of the blames are right. */
export async function judgeEndings(write: boolean): Promise<boolean> {
  const keepOne = (played: Played): void => {
    if (!write) return
    keep(({ endings }) => {
      const marks = endings[played.cluster as ComparedCluster]?.marks
      if (marks) marks[nameOfPlay(played)] = markOfPlay(played)
    })
  }
  return holdEndingsAgain({ paths, tell: printAll, keep: keepOne })
}

async function holdKubectl({ kind, cluster, asked, kubernetes }: Holding): Promise<boolean> {
  const spoken = await playKubectl(cluster.kubeconfig)
  if (asked.write && kind === 'kind') {
    writeGolden(spoken)
    keep((all) => (all.kubectl = { date: today(), kubernetes }))
  }
  const lines = differingLines(readGolden(), normalTexts(spoken))
  print(
    ...lines,
    `${kind}: kubectl ${lines.length === 0 ? 'printed what was recorded on kind' : 'printed something else'}`,
  )
  return lines.length === 0
}

/** Objects that an API server refuses, and pods that a kubelet cannot start. */
async function holdRefusals({ kind, cluster, asked }: Holding): Promise<boolean> {
  const plays = [
    ['refusals', await playOffers(cluster.kubeconfig)],
    ['stuck-pods', await playStuckPods(cluster.kubeconfig)],
  ] as const
  const lines = plays.flatMap(([name, answers]) => {
    if (asked.write && kind === 'kind') writeRecording(name, answers)
    // The exceptions are the embedded cluster's.
    const isCompared = ({ title }: Answer): boolean => kind !== 'local' || !exceptions.has(title)
    return differingAnswers(readRecording(name).filter(isCompared), answers.filter(isCompared))
  })
  print(...lines, `${kind}: ${lines.length} answers differ from what was recorded on kind`)
  return lines.length === 0
}

function play<Mark>({ kubernetes }: Holding, marks: Record<string, Mark>): Play<Mark> {
  return { date: today(), kubernetes, cpus: cpus().length, marks }
}

/** Reads, changes and writes the results and the document that is made from them. */
function keep(change: (all: Results) => unknown): void {
  const all = readResults()
  change(all)
  writeResults(all)
  writeDocument()
}

function printAll(lines: readonly string[]): void {
  print(...lines)
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}
