/** Every request of a comparison as a line of CSV (RFC 4180), for spreadsheets, pandas and DuckDB. */
import { join } from 'node:path'
import { readLog } from '../../log/reader.ts'
import { readUntilDamage } from '../../log/until-damage.ts'
import { countSamples } from '../../model/histogram.ts'
import { requestFields } from '../../model/record.ts'
import { showInvisible } from '../report/escape-html.ts'
import type { ReportedRun } from '../report/reported-run.ts'

const runColumns = ['scenario', 'configuration', 'cluster', 'round', 'attempt'] as const

/**
 * A heading, then a line for each request of the event logs in `directory`, in their order; times are µs, as in the log. Requests that a
 * log only counts are left out: `onAggregated` gets their number if there are any. Throws a LogError for a log that is damaged in the
 * middle, after the requests before the damage.
 */
export async function* exportRequests(
  directory: string,
  runs: readonly ReportedRun[],
  onAggregated: (requests: number) => void,
): AsyncGenerator<string> {
  yield formatLine([...runColumns, ...requestFields.map(({ name }) => name)])
  let aggregated = 0
  for (const { plan, dir, analysis } of runs) {
    if (analysis.ending === 'never-began') continue
    const { scenario, configuration, cluster, round, attempt = 1 } = plan
    const run = [scenario.name, configuration.name, cluster, round, attempt]
    let lines = ''
    for await (const record of readUntilDamage(readLog(join(directory, dir)))) {
      if (record.type === 'summary') aggregated += countSamples(record.summary.lag)
      if (record.type !== 'request') continue
      lines += formatLine([...run, ...requestFields.map(({ name }) => record.request[name])])
      if (lines.length < 1 << 16) continue
      yield lines
      lines = ''
    }
    yield lines
  }
  if (aggregated > 0) onAggregated(aggregated)
}

function formatLine(values: readonly (string | number | null)[]): string {
  return `${values.map(formatValue).join(',')}\r\n`
}

/** Text from outside must neither end its cell nor act as a formula: spreadsheets interpret text that begins like one. */
function formatValue(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = showInvisible(value).replace(/^(?=[=+\-@])/, "'")
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
