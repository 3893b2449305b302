import type { ComparisonRow } from '../model/result.ts'
import { html, trusted } from './escape.ts'
import type { Html } from './escape.ts'
import { count, duration, plural, px, share } from './format.ts'
import { latencySays, naiveSays } from './explanations.ts'
import { chip, heldBadge, runAnchor, verdictBadge } from './marks.ts'
import { runsOfRow } from './reported-run.ts'
import type { ReportedRun } from './reported-run.ts'

const plot = { width: 132, margin: 6 }

/** The table that a report begins with: a row for each scenario × configuration × cluster. */
export function comparisonTable(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): Html {
  const most = rows.reduce((top, { lostByRound }) => Math.max(top, ...lostByRound), 1)
  const where = placesDiffer(rows)
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
      up to ${count(most)}); a ring is a round without loss. ${latencySays(rows)} ${naiveSays}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${heads.map(([title, kind, class_]) => html`<th role="columnheader" scope="col" class="${class_}" data-sort="${kind}">${title}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map((row) => comparisonRow(row, runsOfRow(row, runs), { most, where }))}
    </tbody>
  </table>`
}

/** Whether rows must say their scenario and cluster, because these are not the same for all. */
function placesDiffer(rows: readonly ComparisonRow[]): boolean {
  return new Set(rows.map(({ scenario, cluster }) => `${scenario} ${cluster}`)).size > 1
}

function comparisonRow(
  row: ComparisonRow,
  runs: readonly ReportedRun[],
  { most, where }: { most: number; where: boolean },
): Html {
  const [first] = runs
  const name =
    first === undefined
      ? html`${row.configuration}`
      : html`<a href="${runAnchor(first.analysis.runId).href}">${row.configuration}</a>`
  const hypothesis = first?.plan.configuration.hypothesis
  const expected = row.expects === 'loses' ? 'expected to lose requests' : 'expected to lose none'
  return html`<tr role="row">
<th role="rowheader" scope="row" data-value="${row.configuration}"><span class="name">${name}</span>${where && html` <span class="place">${row.scenario} · ${row.cluster}</span>`}<span class="hypothesis">${hypothesis ?? ''}</span></th>
${cell('Requests lost', 'lost', row.sent === 0 ? -1 : row.lost / row.sent)}<span class="figure ${row.lost === 0 ? 'clean' : 'dirty'}">${count(row.lost)}</span> <span class="of total">of ${count(row.sent)} · ${share(row.lost, row.sent)}</span>${roundDots(row, runs, most)}${row.rounds > 1 && html`<span class="of">${count(row.roundsWithLoss)} of ${plural(row.rounds, 'round')} with loss</span>`}</td>
${cell('Kinds of loss', 'kinds', 0)}${
    row.outcomes.length === 0
      ? html`<span class="of">none</span>`
      : html`<ul class="chips">
          ${row.outcomes.map(({ outcome, count: times }) => chip(outcome, times))}
        </ul>`
  }</td>
${cell('A naive tool says', 'naive', row.naive.errors + row.naive.non2xx)}${row.naive.says}${row.naive.unseen > 0 && html`<span class="of">${count(row.naive.unseen)} lost unseen</span>`}</td>
${cell('p50', 'n', row.p50Us ?? -1)}${duration(row.p50Us)}</td>
${cell('p99', 'n', row.p99Us ?? -1)}${duration(row.p99Us)}</td>
${cell('Longest outage', 'n', row.longestOutageUs)}${row.longestOutageUs === 0 ? 'none' : duration(row.longestOutageUs)}${row.waited > 0 && html`<span class="of">${count(row.waited)} waited up to ${duration(row.longestWaitUs)}</span>`}</td>
${cell('Hypothesis', 'held', String(row.held))}${heldBadge(row.held)}<span class="of">${expected}</span></td>
${cell('Verdict', 'judged', row.verdict)}${verdictBadge(row.verdict)}<span class="of">${row.because[0] ?? ''}</span></td>
</tr>`
}

/** Opens a cell; the label stands before the value where the table is folded into cards. */
function cell(label: string, class_: string, sortValue: string | number): Html {
  return html`<td role="cell" class="${class_}" data-label="${label}" data-value="${sortValue}">`
}

function roundDots(row: ComparisonRow, runs: readonly ReportedRun[], most: number): Html {
  const { width, margin } = plot
  const height = row.rounds > 1 ? 26 : 16
  const scale = (lost: number) => margin + Math.sqrt(lost / most) * (width - 2 * margin)
  const taken = new Map<number, number>()
  const dots = row.lostByRound.map((lost, index) => {
    const x = scale(lost)
    const column = Math.round(x / 7)
    const level = taken.get(column) ?? 0
    taken.set(column, level + 1)
    const y = height - 7 - (level % 3) * 6
    const dot = html`<circle cx="${px(x)}" cy="${y}" r="3.4" class="${lost === 0 ? 'dot none' : 'dot some'}"
      ><title>round ${index + 1}: ${count(lost)} lost</title></circle
    >`
    const run = runs[index]
    return run === undefined
      ? dot
      : html`<a href="${runAnchor(run.analysis.runId).href}" aria-label="round ${index + 1}: ${count(lost)} lost"
          >${dot}</a
        >`
  })
  const bar = trusted(
    `<rect x="${margin}" y="${height - 3}" width="${px(scale(Math.max(0, ...row.lostByRound)) - margin)}" height="3" class="reach" />`,
  )
  return html`<svg
    class="dots"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
    role="group"
    aria-label="Lost in each round: ${row.lostByRound.map(count).join(', ')}"
  >
    <rect x="${margin}" y="${height - 3}" width="${width - 2 * margin}" height="3" class="track" />
    ${row.lost > 0 && bar}${dots}
  </svg>`
}
