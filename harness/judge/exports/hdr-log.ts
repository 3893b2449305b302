/** The latencies of a comparison as an HdrHistogram log, for its viewers and libraries. */
import { join } from 'node:path'
import { build, HistogramLogWriter } from 'hdr-histogram-js'
import type { Histogram } from 'hdr-histogram-js'
import { readLog } from '../../log/reader.ts'
import { readUntilDamage } from '../../log/until-damage.ts'
import { getBucketUpperBound } from '../../model/histogram.ts'
import type { Lane } from '../../model/plan.ts'
import type { ReportedRun } from '../report/reported-run.ts'

type Recorded = Map<Lane, Histogram>

/**
 * One interval for each run and lane in log format 1.3, tagged `scenario/configuration/lane`, or for several clusters
 * `scenario/configuration/cluster/lane`: µs from the instant a request was due to its end, for good answers. An interval begins with its
 * run; runs follow each other on the log's time line. For requests that are only counted the highest time of their bucket is recorded.
 */
export async function* exportHistograms(directory: string, runs: readonly ReportedRun[]): AsyncGenerator<string> {
  let text = ''
  const writer = new HistogramLogWriter((part) => (text += part))
  writer.outputLogFormatVersion()
  writer.outputComment('[Latencies in µs, from the instant each request was due; Interval_Max in ms]')
  writer.outputLegend()
  let fromSeconds = 0
  const several = new Set(runs.map(({ plan }) => plan.cluster)).size > 1
  for (const run of runs) {
    if (run.analysis.ending === 'never-began') continue
    const { lanes, seconds } = await recordLatencies(join(directory, run.dir))
    for (const [lane, histogram] of lanes) {
      histogram.tag = formatTag(run, lane, several)
      writer.outputIntervalHistogram(histogram, fromSeconds, fromSeconds + seconds)
    }
    fromSeconds += seconds
    yield text
    text = ''
  }
  yield text
}

/** A tag ends at a comma or at white space. */
function formatTag({ plan: { scenario, configuration, cluster } }: ReportedRun, lane: Lane, several: boolean): string {
  return [scenario.name, configuration.name, ...(several ? [cluster] : []), lane]
    .map((name) => name.replaceAll(/[^\w.-]+/g, '_'))
    .join('/')
}

async function recordLatencies(runDir: string): Promise<{ lanes: Recorded; seconds: number }> {
  const lanes: Recorded = new Map()
  let endUs = 0
  const record = (lane: Lane, us: number, count: number): void => {
    const histogram = lanes.get(lane) ?? createHistogram()
    lanes.set(lane, histogram)
    histogram.recordValueWithCount(Math.max(0, Math.round(us)), count)
  }
  for await (const one of readUntilDamage(readLog(runDir))) {
    if (one.type === 'request') {
      const { lane, outcome, dueUs, settledUs } = one.request
      endUs = Math.max(endUs, settledUs)
      if (outcome === 'ok') record(lane, settledUs - dueUs, 1)
    } else if (one.type === 'summary') {
      endUs = Math.max(endUs, one.summary.settledUs)
      for (const { lane, latency } of one.summary.groups) {
        for (let place = 0; place < latency.counts.length; place += 2) {
          record(lane, getBucketUpperBound(latency.counts[place]!), latency.counts[place + 1]!)
        }
      }
    }
  }
  return { lanes, seconds: endUs / 1e6 }
}

/** Three significant digits up to an hour, as in wrk2 and others. */
function createHistogram(): Histogram {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: 3.6e9, numberOfSignificantValueDigits: 3 })
}
