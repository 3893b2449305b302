import type { ComparisonRow } from '../../model/comparison.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { listConfigurationDiffs } from './configuration-diffs.ts'
import type { ConfigurationDiff, ConfigurationDiffs } from './configuration-diffs.ts'
import { renderObjects } from './render-object.ts'
import { diffTitle, formatChange, formatDiffBase, formatUnknown } from './diff-sentences.ts'

/** The section of a report about the changes of configurations; `null` where nothing can be compared. */
export function renderDiffs(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): Html | null {
  const groups = listConfigurationDiffs(rows, runs)
  if (groups.length === 0) return null
  return html`<section class="differences" aria-labelledby="differences">
    <h3 id="differences">${diffTitle}</h3>
    ${groups.map((group) => renderGroup(group, groups.length > 1))}
  </section>`
}

function renderGroup(group: ConfigurationDiffs, several: boolean): Html {
  const [base, unknown] = [formatDiffBase(group, several), formatUnknown(group)]
  return html`${base !== '' && html`<p class="of">${base}</p>`}${group.diffs.map(renderConfiguration)}${unknown !== '' && html`<p class="of">${unknown}</p>`}`
}

function renderConfiguration(diff: ConfigurationDiff): Html {
  const title = html`<h4>${diff.configuration}</h4>
    <span class="of">${formatChange(diff)}</span>`
  if (diff.objects.length === 0) return html`<div class="difference">${title}</div>`
  return html`<details class="difference">
    <summary>${title}</summary>
    ${renderObjects(diff.objects)}
  </details>`
}
