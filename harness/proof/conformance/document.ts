/** conformance.md: what was compared, the results on both clusters, and what the embedded cluster lacks. */
import type { Topic } from '../cases/case.ts'
import { listProblems, listLossProblems, computeLostPercent, formatCellName } from './cell.ts'
import type { Cell } from './cell.ts'
import { endings, settings } from '../endings/endings.ts'
import { formatEndingsSummary, formatEndingsTable, formatPlayName } from '../endings/table.ts'
import type { EndingRow } from '../endings/table.ts'
import { formatTable } from './markdown.ts'
import { comparedClusters } from './results.ts'
import type { CaseMark, CellMark, ComparedCluster, PlayRecord, Results } from './results.ts'

export interface DocumentInput {
  topics: readonly Topic[]
  cells: readonly Cell[]
  /** The commands that were compared. */
  kubectl: readonly string[]
  /** Number of objects that were sent, and of pods that could not start. */
  refusals: { offered: number; stuck: number; exceptions: ReadonlyMap<string, string> }
  results: Results
}

const titles = { local: 'embedded', kind: 'kind' } as const

/** Features of a cluster that the embedded one lacks. */
const missingFeatures = [
  'Nodes are names: one machine, one kernel, no node failure, no kubelet API, no allocatable processors or memory.',
  'Containers have no CPU or memory limits and are never `OOMKilled`; seccomp and AppArmor profiles are accepted and do nothing.',
  'Images are the Dockerfiles below `apps/` over the machine’s own files, which stand in for Debian and Ubuntu; nothing is pulled.',
  'No `exec`, `attach`, `port-forward` or `cp`; no CRDs, webhooks, RBAC or service accounts; `kubectl apply` takes no `kind: List`.',
  'Of the workloads Deployments, ReplicaSets, Jobs and bare Pods: no StatefulSet, DaemonSet, CronJob or autoscaler.',
  'Volumes: `emptyDir`, `configMap` and `downwardAPI`; no Secrets, no persistent ones.',
  'Services are cluster IPs and node ports for TCP over IPv4; no DNS, LoadBalancer, Ingress or NetworkPolicy.',
  'Events also tell what no kubelet tells (`StopSignalSent`, `PreStopHookStarted` …), with exact times of their own.',
]

export function renderDocument({ topics, cells, kubectl, refusals, results }: DocumentInput): string {
  const count = topics.reduce((sum, { cases }) => sum + cases.length, 0)
  return `${[
    '# Conformance: the embedded cluster beside Kubernetes',
    '',
    '<!-- Written by `npm run conformance -- --cluster local,kind --cases --cells --kubectl --refusals --write`. -->',
    '',
    `${count} cases of pod lifecycle without load, ${cells.length} cells under load and a session with kubectl, each with the`,
    'same expectation on both clusters. Expectations are written from what Kubernetes documents (the link behind each case),',
    'and a difference is settled by it: the embedded cluster is changed, or an expectation that demanded more than is promised.',
    '',
    '```sh',
    'npm run conformance                                    # the cases on the embedded cluster',
    'npm run conformance -- --cluster kind --cases --cells  # cases and cells on a kind cluster of its own',
    'npm run conformance -- --case hook-,grace-             # cases whose names begin so',
    '```',
    '',
    ...renderPlays(cells, results),
    '',
    '`✓` as expected, `✓²` as expected when played again by itself (Kubernetes promises no upper bound of any time, and on a busy',
    'machine everything is late), `✗` not as expected, `—` not played yet.',
    '',
    '## Pod lifecycle',
    ...topics.flatMap((topic) => renderTopic(topic, results)),
    '',
    '## Under load',
    '',
    'Verdict, kinds of loss and order of magnitude must agree: each cell’s expectation is data (`cells.ts`) that both clusters',
    'must meet. `(✓)`: kinds and magnitude agree, but the run had no verdict, with its reason.',
    '',
    ...renderCells(cells, results),
    '',
    '## How servers end',
    '',
    'Servers that take their stop signal in different ways (`apps/endings/server.py`), restarted under load: with a rolling update,',
    'with that and a preStop sleep, and with the strategy Recreate. Which pod each lost request went to is known from the kernel,',
    'which keeps the destination of every SYN after the service proxy has chosen it, and from the servers’ own logs; the pod that',
    'the analysis blames is held against it. `moved`: requests whose SYN was sent again to another pod.',
    '',
    ...renderEndings(results),
    '',
    '## kubectl',
    '',
    ...renderKubectl(kubectl, results),
    '',
    '## Refusals',
    '',
    ...renderRefusals(refusals),
    '',
    '## What the embedded cluster does not do',
    '',
    ...missingFeatures.map((line) => `- ${line}`),
  ].join('\n')}\n`
}

function renderPlays(cells: readonly Cell[], results: Results): string[] {
  const rows = comparedClusters.flatMap((cluster) => {
    const [ofCases, ofCells] = [results.cases[cluster], results.cells[cluster]]
    const met = Object.values(ofCases?.marks ?? {}).map((mark) => mark.met)
    const agreed = cells
      .map((cell) => [cell, ofCells?.marks[formatCellName(cell)]] as const)
      .flatMap(([cell, mark]) => (mark ? [listProblems(cell, mark).length === 0] : []))
    return [
      ['cases', titles[cluster], ...renderPlay(ofCases, met)],
      ['cells', titles[cluster], ...renderPlay(ofCells, agreed)],
    ]
  })
  return formatTable(['', 'cluster', 'date', 'Kubernetes', 'cores', 'as expected'], rows)
}

function renderPlay(play: PlayRecord<unknown> | undefined, met: readonly boolean[]): string[] {
  if (!play) return ['—', '—', '—', '—']
  const { date, kubernetes, cpus, note } = play
  const counted = `${met.filter(Boolean).length} of ${met.length}`
  return [date, kubernetes, String(cpus), note === undefined ? counted : `${counted} (${note})`]
}

function renderTopic({ topic, cases }: Topic, { cases: plays }: Results): string[] {
  const formatMark = (name: string, cluster: ComparedCluster): string => formatCaseMark(plays[cluster]?.marks[name])
  const rows = cases.map(({ name, claim, source }) => {
    const [link = ''] = source.split(' ')
    return [`\`${name}\``, `[${claim}](${link})`, formatMark(name, 'local'), formatMark(name, 'kind')]
  })
  return ['', `### ${topic}`, '', ...formatTable(['case', 'what Kubernetes promises', 'embedded', 'kind'], rows)]
}

function formatCaseMark(mark: CaseMark | undefined): string {
  if (!mark) return '—'
  if (!mark.met) return '✗'
  return mark.attempts === 1 ? '✓' : '✓²'
}

function renderCells(cells: readonly Cell[], { cells: plays }: Results): string[] {
  const rows = cells.map((cell) => {
    const { verdict, must, may, why } = cell
    const [least, most] = cell.lostPercent
    const kinds = [...must, ...may.map((kind) => `(${kind})`)].join(', ')
    const expected = most === 0 ? verdict : `${verdict}: ${least}–${most} %, ${kinds}`
    const seen = comparedClusters.map((cluster) => formatCellMark(cell, plays[cluster]?.marks[formatCellName(cell)]))
    return [formatCellName(cell), expected, ...seen, why]
  })
  return formatTable(['scenario × configuration', 'expected (may)', 'embedded', 'kind', 'because'], rows)
}

/** A run without a verdict still shows kinds and magnitude, and whether these agree. */
function formatCellMark(cell: Cell, mark: CellMark | undefined): string {
  if (!mark) return '—'
  const { verdict, kinds, attempts, because } = mark
  const runs = attempts === 1 ? '' : ` (run ${attempts})`
  const losses = `${Number(computeLostPercent(mark).toPrecision(2))} %${kinds.length > 0 ? `, ${kinds.join(', ')}` : ''}`
  const sign = listProblems(cell, mark).length === 0 ? '✓' : listLossProblems(cell, mark).length === 0 ? '(✓)' : '✗'
  return `${sign} ${verdict}${verdict === 'unknown' ? ` (${because[0]?.split(':')[0] ?? ''})` : ''}: ${losses}${runs}`
}

function renderEndings({ endings: plays }: Results): string[] {
  const names = endings.flatMap(({ name: ending }) =>
    settings.map(({ name: setting }) => formatPlayName({ ending, setting })),
  )
  const rows = names.flatMap((name) =>
    comparedClusters.flatMap((cluster): EndingRow[] => {
      const mark = plays[cluster]?.marks[name]
      return mark ? [{ name, cluster: titles[cluster], mark }] : []
    }),
  )
  const sums = comparedClusters.flatMap((cluster) => {
    const marks = Object.values(plays[cluster]?.marks ?? {})
    return marks.length === 0 ? [] : [`- ${titles[cluster]}: ${formatEndingsSummary(marks)}`]
  })
  return [...formatEndingsTable(rows), '', ...sums]
}

function renderKubectl(commands: readonly string[], { kubectl }: Results): string[] {
  const when = kubectl ? `${kubectl.date} on kind (${kubectl.kubernetes})` : 'kind'
  return [
    `Recorded on ${when} in \`kubectl.golden.txt\`; a test holds the embedded cluster to the same output, columns and wording,`,
    'times, names, hashes and addresses aside:',
    '',
    ...[...new Set(commands)].map((command) => `- \`kubectl ${command}\``),
  ]
}

function renderRefusals({ offered, stuck, exceptions }: DocumentInput['refusals']): string[] {
  const byReason = Map.groupBy([...exceptions], ([, why]) => why)
  return [
    `${offered} objects, most of them with one thing wrong, offered in a dry run: what a real API server answered is in`,
    `\`refusals.golden.txt\`. ${stuck} pods, most of which cannot start: waiting reason, message and Events as a real kubelet gave`,
    'them are in `stuck-pods.golden.txt`. Tests hold the embedded cluster to both, but for:',
    '',
    ...[...byReason].map(([why, all]) => `- ${all.map(([title]) => title).join(', ')}: ${why}`),
  ]
}
