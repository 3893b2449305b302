/** Latency and losses over time: the data of the charts. Also runs in the browser, but uses nothing of it. */
import type { Analysis } from '../../model/result.ts'
import { formatCount, formatDuration, formatInstant } from '../../base/figures.ts'
import type { Html } from '../report/escape-html.ts'
import { createHeads, renderTableDetails, renderTableRow } from '../timeline/badges.ts'
import type { TimeScale } from '../timeline/timeline-geometry.ts'

export function renderBucketTable(
  { buckets, bucketUs }: Pick<Analysis, 'buckets' | 'bucketUs'>,
  scale: TimeScale,
): Html {
  const rows = buckets.map(({ fromUs, ok, lost, p50Us, p99Us, maxUs }) =>
    renderTableRow(
      [
        formatInstant(fromUs, scale.originUs),
        formatCount(ok),
        formatCount(lost),
        formatDuration(p50Us),
        formatDuration(p99Us),
        formatDuration(maxUs),
      ],
      1,
    ),
  )
  return renderTableDetails(
    `Latency and losses over time, each ${formatDuration(bucketUs)}`,
    createHeads(['from', 'ok', 'lost', 'p50', 'p99', 'max'], 0),
    rows,
  )
}
