/** For how long each leaving pod still got work, and for how long it did it. */
import { formatCount, formatDuration, formatDurationRange, formatPlural, noFigure } from '../../base/figures.ts'
import type { FreshMargin, PodMargin } from '../../model/figures/margin.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { createHeads, renderTableDetails, renderTableRow } from '../timeline/badges.ts'

/** Empty if no pod left. */
export function renderMarginTable(margins: readonly PodMargin[]): Html | false {
  if (margins.length === 0) return false
  const rows = margins.map(({ pod, fresh, kept, upstream, endedBy }) =>
    renderTableRow([
      pod,
      ...(fresh === null ? [noFigure, noFigure, noFigure, noFigure] : formatFresh(fresh)),
      kept === null ? noFigure : `${formatCount(kept.cut)}, ${formatDurationRange(kept.firstUs, kept.lastUs)} after`,
      upstream === null ? noFigure : formatUpstream(upstream),
      endedBy ?? noFigure,
    ]),
  )
  const heads = [
    'pod',
    'new connections until',
    'answering until',
    'margin',
    'source of the margin',
    'kept connections cut',
    'errors by the front server',
    'ended by',
  ]
  const foot = html`<p class="of">
    Counted from the deletion of the pod. A negative margin: nobody listened while new connections still came.
  </p>`
  return renderTableDetails(`Margin of ${formatPlural(margins.length, 'pod')}`, createHeads(heads), rows, foot)
}

function formatFresh(fresh: FreshMargin): string[] {
  const { connectingUs, answeringUs, marginUs, errorUs, source } = fresh
  return [
    `${formatDuration(connectingUs)}${fresh.atLeast ? ' or longer' : ''}`,
    `${formatDuration(answeringUs)}${fresh.answeringAtLeast ? ' or longer' : ''}`,
    `${formatDuration(marginUs)} ±${formatDuration(errorUs)}`,
    source,
  ]
}

/** `12 × 502 for 4.8 s` */
function formatUpstream({ answers, status, fromUs, toUs }: NonNullable<PodMargin['upstream']>): string {
  const count = `${formatCount(answers)} × ${status}`
  return toUs === fromUs ? count : `${count} for ${formatDuration(toUs - fromUs)}`
}
