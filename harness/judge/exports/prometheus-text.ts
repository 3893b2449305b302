/** A comparison in Prometheus' text format 0.0.4, for the node exporter's textfile collector or a Pushgateway. */
import type { ComparisonRow } from '../../model/comparison.ts'

/** https://prometheus.io/docs/instrumenting/exposition_formats/: all samples of a metric in one group, below its HELP and TYPE. */
export function renderPrometheusText(rows: readonly ComparisonRow[]): string {
  return metrics
    .map(({ name, help, read }) => {
      const samples = rows.flatMap((row) =>
        read(row).map(({ value, labels }) => `${name}{${formatLabels(row, labels)}} ${value}`),
      )
      return samples.length === 0 ? '' : [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples, ''].join('\n')
    })
    .join('')
}

interface Sample {
  value: number
  labels?: Record<string, string>
}

/** The results of a comparison are not counters: the next comparison starts over. */
const metrics: readonly { name: string; help: string; read: (row: ComparisonRow) => Sample[] }[] = [
  { name: 'nodrop_rounds', help: 'Rounds that were judged.', read: ({ judged }) => [{ value: judged }] },
  {
    name: 'nodrop_rounds_with_loss',
    help: 'Rounds in which requests were lost.',
    read: (row) => sampleJudged(row, row.roundsWithLoss),
  },
  {
    name: 'nodrop_requests_sent',
    help: 'Requests sent, all rounds that were judged.',
    read: (row) => sampleJudged(row, row.sent),
  },
  {
    name: 'nodrop_requests_lost',
    help: 'Requests lost, all rounds that were judged.',
    read: (row) => sampleJudged(row, row.lost),
  },
  {
    name: 'nodrop_requests_lost_by_outcome',
    help: 'Requests lost, by what became of them.',
    read: ({ outcomes }) => outcomes.map(({ outcome, count }) => ({ value: count, labels: { outcome } })),
  },
  {
    name: 'nodrop_latency_seconds',
    help: 'Latency of good answers from the instant they were due, the median over rounds.',
    read: ({ p50Us, p99Us }) => [...sampleQuantile('0.5', p50Us), ...sampleQuantile('0.99', p99Us)],
  },
  {
    name: 'nodrop_verdict',
    help: '1 for the verdict, 0 for the others.',
    read: ({ result }) =>
      ['passed', 'failed', 'unknown'].map((verdict) => ({
        value: result.verdict === verdict ? 1 : 0,
        labels: { verdict },
      })),
  },
]

/** Where no round was judged a count of 0 would mean that nothing was lost. */
function sampleJudged({ judged }: ComparisonRow, value: number): Sample[] {
  return judged === 0 ? [] : [{ value }]
}

function sampleQuantile(quantile: string, us: number | null): Sample[] {
  return us === null ? [] : [{ value: us / 1e6, labels: { quantile } }]
}

function formatLabels({ scenario, configuration, cluster }: ComparisonRow, more: Record<string, string> = {}): string {
  return Object.entries({ scenario, configuration, cluster, ...more })
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',')
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
