/** The figures of a comparison for services that store benchmarks over time. */
import { formatPlural } from '../../base/figures.ts'
import type { Baseline, BaselineRow } from '../../model/baseline/baseline.ts'
import { formatRowName, tellApart } from '../baseline/row-name.ts'
import { computeRoundFigure } from '../figures/loss-figures.ts'

/** One figure over rounds. */
interface Measure {
  /** In the form of Bencher's slugs: `lost-per-round`. */
  slug: string
  name: string
  unit: string
  median: number
  min: number
  max: number
}

/** For each of them less is better. */
function listMeasures({ rounds }: BaselineRow): Measure[] {
  const collect = (read: (round: BaselineRow['rounds'][number]) => number | null | undefined): number[] =>
    rounds.flatMap((round) => read(round) ?? [])
  const toMs = (us: number | null | undefined): number | null => (us === null || us === undefined ? null : us / 1000)
  return [
    ...summariseValues(
      'lost-per-round',
      'requests',
      collect(({ lost }) => lost),
    ),
    ...summariseValues(
      'latency-p50-ms',
      'ms',
      collect(({ latency }) => toMs(latency?.p50Us)),
    ),
    ...summariseValues(
      'latency-p99-ms',
      'ms',
      collect(({ latency }) => toMs(latency?.p99Us)),
    ),
  ]
}

function summariseValues(slug: string, unit: string, values: readonly number[]): Measure[] {
  const figure = computeRoundFigure(values)
  if (figure === null) return []
  const { median, min, max } = figure
  return [{ slug, name: slug.replaceAll('-', ' ').replace(/ ms$/, ''), unit, median, min, max }]
}

/** The input of benchmark-action/github-action-benchmark for `tool: customSmallerIsBetter`, by its README. */
export function buildCustomSmallerIsBetter({ rows }: Baseline): object[] {
  return tellApart(rows).flatMap((row) =>
    listMeasures(row).map(({ name, unit, median, min, max }) => ({
      name: `${formatRowName(row)}: ${name}`,
      unit,
      value: median,
      range: `${min} to ${max}`,
      extra: `median of ${formatPlural(row.rounds.length, 'round')}`,
    })),
  )
}

/** Bencher Metric Format: https://bencher.dev/docs/reference/bencher-metric-format/ */
export function buildBencherMetrics({ rows }: Baseline): object {
  return Object.fromEntries(
    tellApart(rows).flatMap((row) => {
      const measures = listMeasures(row).map(({ slug, median, min, max }) => [
        slug,
        { value: median, lower_value: min, upper_value: max },
      ])
      const name = [row.scenario, row.configuration, ...(row.onCluster ? [row.onCluster] : [])].join('/')
      return measures.length === 0 ? [] : [[name, Object.fromEntries(measures)]]
    }),
  )
}
