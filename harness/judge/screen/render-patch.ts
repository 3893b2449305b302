import { html, trustMarkup } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import type { DiffLine } from '../diff/deployed-diff.ts'
import { formatPlural } from '../../base/figures.ts'
import { formatPatchSize, listPatchLines } from './row-patch.ts'
import type { PatchLine, RowPatch } from './row-patch.ts'

/** Maximum number of lines; the section below the table has all of it. */
const maxLines = 60

/** A button with which the page's script copies `text`; without the script there is no button, and the text can be selected. */
export function renderCopyButton(text: string, what: string): Html {
  return html`<button type="button" class="copy with-script" data-copy="${text}" aria-label="Copy the ${what}">
    Copy
  </button>`
}

/** The necessary change, closed at first. */
export function renderPatch(patch: RowPatch): Html {
  const { to, path } = patch
  const lines = listPatchLines(patch)
  const rest = lines.length - maxLines
  return html`<details class="patch">
    <summary>Change it into <b>${to}</b>: ${formatPatchSize(patch)}</summary>
    <div class="lines">
      <button type="button" class="copy with-script" data-copy-next aria-label="Copy the difference">Copy</button>
      <pre tabindex="0" role="group" aria-label="Difference to ${to}">
${groupLines(lines.slice(0, maxLines)).map(renderLines)}</pre>
    </div>
    <p>
      ${rest > 0 && `${formatPlural(rest, 'more line')} not shown. `}From what both
      deployed${path !== null && html`; ${to} is <code>${path}</code>`}.
      <a href="#differences">All differences</a>
    </p>
  </details>`
}

/** Consecutive lines of a kind become one element. */
function groupLines(lines: readonly PatchLine[]): PatchLine[] {
  const groups: PatchLine[] = []
  for (const { kind, text } of lines) {
    const last = groups.at(-1)
    if (last?.kind === kind) last.text += `\n${text}`
    else groups.push({ kind, text })
  }
  return groups
}

const elements: Record<DiffLine['kind'], string> = { added: 'ins', removed: 'del', same: 'span', gap: 'span' }

function renderLines({ kind, text }: PatchLine): Html {
  const element = trustMarkup(elements[kind])
  const lines = text.split('\n').flatMap((line, index) => (index === 0 ? [line] : [trustMarkup('\n'), line]))
  return html`<${element}>${lines}${trustMarkup('\n')}</${element}>`
}
