import type { ComparisonRow } from '../../model/comparison.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatCount, formatDuration, formatPlural, formatShare } from '../report/format.ts'
import { explainLatency, autocannonExplanation } from './explanations.ts'
import { renderOutcomeChip, renderHypothesisBadge, getRunAnchor, renderVerdictBadge } from '../timeline/badges.ts'
import { hasUncountedRounds, findMostLost, renderRoundDots } from '../timeline/round-dots.ts'
import { listRunsOfRow } from '../report/reported-run.ts'
import type { ReportedRun } from '../report/reported-run.ts'

/** The table that a report begins with: a row for each scenario × configuration × cluster. */
export function renderComparisonTable(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): Html {
  const most = findMostLost(rows)
  const where = hasSeveralPlaces(rows)
  const heads: [title: string, kind: string, class_: string][] = [
    ['Configuration', 'text', ''],
    ['Requests lost', 'number', ''],
    ['Kinds of loss', 'none', ''],
    ['A naive tool says', 'number', 'naive'],
    ['p50', 'number', 'n'],
    ['p99', 'number', 'n'],
    ['Longest outage', 'number', 'n'],
    ['Hypothesis', 'text', ''],
    ['Verdict', 'text', ''],
  ]
  return html`<table class="comparison" role="table" data-sortable>
    <caption>
      Each row is a configuration. A dot is one round; the further right, the more requests it lost (square-root scale
      up to ${formatCount(most)}); a ring is a round without
      loss${rows.some(hasUncountedRounds) && ', a dashed one a round that does not count'}. ${explainLatency(rows)}
      ${autocannonExplanation}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${heads.map(([title, kind, class_]) => html`<th role="columnheader" scope="col" class="${class_}" data-sort="${kind}">${title}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map((row) => renderComparisonRow(row, listRunsOfRow(row, runs), { most, where }))}
    </tbody>
  </table>`
}

/** Whether rows must say their scenario and cluster, because these are not the same for all. */
function hasSeveralPlaces(rows: readonly ComparisonRow[]): boolean {
  return new Set(rows.map(({ scenario, cluster }) => `${scenario} ${cluster}`)).size > 1
}

function renderComparisonRow(
  row: ComparisonRow,
  runs: readonly ReportedRun[],
  { most, where }: { most: number; where: boolean },
): Html {
  const [first] = runs
  const { held, verdict, because } = row.result
  const isJudged = row.judged > 0
  const name =
    first === undefined
      ? html`${row.configuration}`
      : html`<a href="${getRunAnchor(first.analysis.runId).href}">${row.configuration}</a>`
  const hypothesis = first?.plan.configuration.hypothesis
  const expected = row.expects === 'loses' ? 'expected to lose requests' : 'expected to lose none'
  return html`<tr role="row">
<th role="rowheader" scope="row" data-value="${row.configuration}"><span class="name">${name}</span>${where && html` <span class="place">${row.scenario} · ${row.cluster}</span>`}<span class="hypothesis">${hypothesis ?? ''}</span></th>
${renderCellStart('Requests lost', 'lost', row.sent === 0 ? -1 : row.lost / row.sent)}${renderLostFigure(row)}${renderRoundDots(row.rounds, most)}${row.judged > 0 && row.rounds.length > 1 && html`<span class="of">${formatCount(row.roundsWithLoss)} of ${formatPlural(row.judged, 'round')} with loss</span>`}${row.account !== null && html`<span class="of account">${row.account}</span>`}</td>
${renderCellStart('Kinds of loss', 'kinds', 0)}${
    row.outcomes.length === 0
      ? html`<span class="of">${isJudged ? 'none' : '–'}</span>`
      : html`<ul class="chips">
          ${row.outcomes.map(({ outcome, count: times }) => renderOutcomeChip(outcome, times))}
        </ul>`
  }</td>
${renderCellStart('A naive tool says', 'naive', isJudged ? row.naive.errors + row.naive.non2xx : -1)}${isJudged ? row.naive.says : '–'}${row.naive.unseen > 0 && html`<span class="of">${formatCount(row.naive.unseen)} lost unseen</span>`}</td>
${renderCellStart('p50', 'n', row.p50Us ?? -1)}${formatDuration(row.p50Us)}</td>
${renderCellStart('p99', 'n', row.p99Us ?? -1)}${formatDuration(row.p99Us)}</td>
${renderCellStart('Longest outage', 'n', isJudged ? row.longestOutageUs : -1)}${isJudged && row.longestOutageUs === 0 ? 'none' : formatDuration(isJudged ? row.longestOutageUs : null)}${row.waited > 0 && html`<span class="of">${formatCount(row.waited)} waited up to ${formatDuration(row.longestWaitUs)}</span>`}</td>
${renderCellStart('Hypothesis', 'held', String(held))}${renderHypothesisBadge(held)}<span class="of">${expected}</span></td>
${renderCellStart('Verdict', 'judged', verdict)}${renderVerdictBadge(verdict)}<span class="of">${because[0] ?? ''}</span></td>
</tr>`
}

/** Opens a cell; the label stands before the value where the table is folded into cards. */
function renderCellStart(label: string, class_: string, sortValue: string | number): Html {
  return html`<td role="cell" class="${class_}" data-label="${label}" data-value="${sortValue}">`
}

/** Of the rounds that count; where there is none, what was seen stands apart. */
function renderLostFigure({ judged, lost, sent, rounds }: ComparisonRow): Html {
  if (judged > 0) {
    return html`<span class="figure ${lost === 0 ? 'clean' : 'dirty'}">${formatCount(lost)}</span>
      <span class="of total">of ${formatCount(sent)} · ${formatShare(lost, sent)}</span>`
  }
  const sumOverRounds = (pick: 'sent' | 'lost'): number => rounds.reduce((sum, round) => sum + round[pick], 0)
  const seen =
    sumOverRounds('sent') > 0 &&
    `without a verdict: ${formatCount(sumOverRounds('lost'))} of ${formatCount(sumOverRounds('sent'))} lost`
  return html`<span class="figure">–</span> <span class="of account">${seen}</span>`
}
