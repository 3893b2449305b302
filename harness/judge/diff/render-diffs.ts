import type { ComparisonRow } from '../../model/comparison.ts'
import { html, trustMarkup } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { formatPlural } from '../../base/figures.ts'
import { listConfigurationDiffs } from './configuration-diffs.ts'
import type { ConfigurationDiff, ConfigurationDiffs } from './configuration-diffs.ts'
import type { DiffLine, ObjectDiff } from './deployed-diff.ts'
import { diffSigns, diffTitle, formatChange, formatDiffBase, formatUnknown } from './diff-sentences.ts'

/** Of one configuration; a workload of many large objects may differ in every line. */
const maxLines = 600

/** The section of a report that shows what configurations change; `null` where nothing can be held against anything. */
export function renderDiffs(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): Html | null {
  const groups = listConfigurationDiffs(rows, runs)
  if (groups.length === 0) return null
  return html`<section class="differences" aria-labelledby="differences">
    <h2 id="differences">${diffTitle}</h2>
    ${groups.map((group) => renderGroup(group, groups.length > 1))}
  </section>`
}

function renderGroup(group: ConfigurationDiffs, several: boolean): Html {
  const [base, unknown] = [formatDiffBase(group, several), formatUnknown(group)]
  return html`${base !== '' && html`<p class="of">${base}</p>`}${group.diffs.map(renderConfiguration)}${unknown !== '' && html`<p class="of">${unknown}</p>`}`
}

function renderConfiguration(diff: ConfigurationDiff): Html {
  const title = html`<h3>${diff.configuration}</h3>
    <span class="of">${formatChange(diff)}</span>`
  if (diff.objects.length === 0) return html`<div class="difference">${title}</div>`
  let left = maxLines
  const objects = diff.objects.map((object) => {
    const shown = object.lines.slice(0, left)
    left -= shown.length
    return renderObject(object, shown)
  })
  return html`<details class="difference">
    <summary>${title}</summary>
    ${objects}
  </details>`
}

function renderObject({ name, lines }: ObjectDiff, shown: readonly DiffLine[]): Html {
  const rest = lines.length - shown.length
  const label = `Differences in ${name}`
  return html`<figure>
    <figcaption>${name}</figcaption>
    <pre tabindex="0" role="region" aria-label="${label}">${shown.map(renderLine)}</pre>
    ${rest > 0 && html`<p class="of">${formatPlural(rest, 'more line')} are in the plan.json of the runs.</p>`}
  </figure>`
}

const elements: Record<DiffLine['kind'], string> = { added: 'ins', removed: 'del', same: 'span', gap: 'span' }

function renderLine({ kind, text }: DiffLine): Html {
  const element = trustMarkup(elements[kind])
  return html`<${element}>${diffSigns[kind]} ${text}</${element}>`
}
