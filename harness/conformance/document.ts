/** conformance.md: what was compared, what came of it on both clusters, and what the embedded cluster does not do. */
import type { Topic } from './case.ts'
import { nameOf } from './cell.ts'
import type { Cell } from './cell.ts'
import { comparedClusters } from './results.ts'
import type { CaseMark, CellMark, ComparedCluster, Play, Results } from './results.ts'

export interface Compared {
  topics: readonly Topic[]
  cells: readonly Cell[]
  /** The commands that were compared. */
  kubectl: readonly string[]
  results: Results
}

const titles = { local: 'embedded', kind: 'kind' } as const

/** What people may expect of a cluster and do not find in the embedded one. */
const absent = [
  'Nodes are names: one machine, one kernel, no node failure, no taints but those that are set, no kubelet API of their own.',
  'Containers have no CPU or memory limits, no `OOMKilled`, no security profiles; root in a pod is the user who runs nodrop.',
  'Images are the Dockerfiles below `apps/` over the machine’s own files; nothing is pulled.',
  'No `exec`, `attach`, `port-forward` or `cp`; no CRDs, webhooks, admission plug-ins, RBAC or service accounts.',
  'Of the workloads Deployments, ReplicaSets and bare Pods only: no StatefulSet, DaemonSet, Job or autoscaler.',
  'Volumes: `emptyDir`, `configMap` and `downwardAPI`; no persistent ones, no Secrets.',
  'No DNS, NetworkPolicy, NodePort, LoadBalancer or Ingress; Services are cluster IPs over IPv4 TCP.',
  'Events carry exact times of their own and some reasons that no kubelet has (`StopSignalSent`, `PreStopHookStarted` …).',
]

export function renderDocument({ topics, cells, kubectl, results }: Compared): string {
  const count = topics.reduce((sum, { cases }) => sum + cases.length, 0)
  return `${[
    '# Conformance: the embedded cluster beside Kubernetes',
    '',
    '<!-- Written by `npm run conformance -- --cluster local,kind --cases --cells --kubectl --write`. -->',
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
    ...played(results),
    '',
    '`✓` as expected, `✓²` as expected when played again by itself (Kubernetes promises no upper bound of any time, and on a busy',
    'machine everything is late), `✗` not as expected, `—` not played yet.',
    '',
    '## Pod lifecycle',
    ...topics.flatMap((topic) => topicLines(topic, results)),
    '',
    '## Under load',
    '',
    'Verdict, kinds of loss and order of magnitude must agree: each cell’s expectation is data (`cells.ts`) that both clusters',
    'must meet.',
    '',
    ...cellLines(cells, results),
    '',
    '## kubectl',
    '',
    ...kubectlLines(kubectl, results),
    '',
    '## What the embedded cluster does not do',
    '',
    ...absent.map((line) => `- ${line}`),
  ].join('\n')}\n`
}

function played({ cases, cells }: Results): string[] {
  const rows = comparedClusters.flatMap((cluster) => [
    ['cases', titles[cluster], cases[cluster]] as const,
    ['cells', titles[cluster], cells[cluster]] as const,
  ])
  return table(
    ['', 'cluster', 'date', 'Kubernetes', 'cores', 'as expected'],
    rows.map(([what, cluster, play]) => [what, cluster, ...playCells(play)]),
  )
}

function playCells(play: Play<CaseMark> | undefined): string[] {
  if (!play) return ['—', '—', '—', '—']
  const marks = Object.values(play.marks)
  const met = marks.filter((mark) => mark.met).length
  return [play.date, play.kubernetes, String(play.cpus), `${met} of ${marks.length}`]
}

function topicLines({ topic, cases }: Topic, { cases: plays }: Results): string[] {
  const mark = (name: string, cluster: ComparedCluster): string => markOf(plays[cluster]?.marks[name])
  const rows = cases.map(({ name, claim, source }) => {
    const [link = ''] = source.split(' ')
    return [`\`${name}\``, `[${claim}](${link})`, mark(name, 'local'), mark(name, 'kind')]
  })
  return ['', `### ${topic}`, '', ...table(['case', 'what Kubernetes promises', 'embedded', 'kind'], rows)]
}

function markOf(mark: CaseMark | undefined): string {
  if (!mark) return '—'
  if (!mark.met) return '✗'
  return mark.attempts === 1 ? '✓' : '✓²'
}

function cellLines(cells: readonly Cell[], { cells: plays }: Results): string[] {
  const rows = cells.map((cell) => {
    const { verdict, must, may, lostPercent, why } = cell
    const [least, most] = lostPercent
    const kinds = [...must, ...may.map((kind) => `(${kind})`)].join(', ')
    const expected = most === 0 ? verdict : `${verdict}: ${least}–${most} %, ${kinds}`
    const seen = comparedClusters.map((cluster) => seenIn(plays[cluster]?.marks[nameOf(cell)]))
    return [nameOf(cell), expected, ...seen, why]
  })
  return table(['scenario × configuration', 'expected (may)', 'embedded', 'kind', 'because'], rows)
}

function seenIn(mark: CellMark | undefined): string {
  if (!mark) return '—'
  const { verdict, lostPercent, kinds, attempts } = mark
  const runs = attempts === 1 ? '' : ` (run ${attempts})`
  return `${mark.met ? '✓' : '✗'} ${verdict}: ${lostPercent} %${kinds.length > 0 ? `, ${kinds.join(', ')}` : ''}${runs}`
}

function kubectlLines(commands: readonly string[], { kubectl }: Results): string[] {
  const when = kubectl ? `${kubectl.date} on kind (${kubectl.kubernetes})` : 'kind'
  return [
    `Recorded on ${when} in \`kubectl.golden.txt\`; a test holds the embedded cluster to the same output, columns and wording,`,
    'times, names, hashes and addresses aside:',
    '',
    ...[...new Set(commands)].map((command) => `- \`kubectl ${command}\``),
  ]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)]
}
