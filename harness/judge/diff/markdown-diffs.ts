import { formatPlural } from '../../base/figures.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { showInvisible } from '../report/escape-html.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { listConfigurationDiffs } from './configuration-diffs.ts'
import type { ConfigurationDiff } from './configuration-diffs.ts'
import { diffSigns, diffTitle, formatChange, formatDiffBase, formatUnknown } from './diff-sentences.ts'

/** Maximum number of lines for one configuration; the report has more. */
const maxLines = 80

/**
 * The changes of configurations as blocks of Markdown; empty where nothing can be compared. `escapeText` prevents text from being read as
 * markup.
 */
export function formatDiffs(
  rows: readonly ComparisonRow[],
  runs: readonly ReportedRun[],
  escapeText: (text: string) => string,
): string[] {
  const groups = listConfigurationDiffs(rows, runs)
  if (groups.length === 0) return []
  const toParagraph = (text: string): string[] => (text === '' ? [] : [escapeText(text), ''])
  const blocks = groups.flatMap((group) => [
    ...toParagraph(formatDiffBase(group, groups.length > 1)),
    ...group.diffs.flatMap((diff) => [
      `**${escapeText(diff.configuration)}**: ${escapeText(formatChange(diff))}`,
      '',
      ...(diff.objects.length === 0 ? [] : [formatFence(diff), '']),
    ]),
    ...toParagraph(formatUnknown(group)),
  ])
  return [`### ${diffTitle}`, '', ...blocks]
}

/** Nothing within a fence is markup; the fence is longer than anything in it that could end it. */
function formatFence({ objects }: ConfigurationDiff): string {
  const lines = objects.flatMap(({ name, lines: own }) => [
    `@@ ${name} @@`,
    ...own.map(({ kind, text }) => `${diffSigns[kind]} ${text}`.trimEnd()),
  ])
  const shown = lines.slice(0, maxLines).map(showInvisible)
  const rest = lines.length - shown.length
  const longest = Math.max(
    2,
    ...shown
      .join('\n')
      .matchAll(/`+/g)
      .map(([ticks]) => ticks.length),
  )
  const fence = '`'.repeat(longest + 1)
  const more = rest > 0 ? [`  … ${formatPlural(rest, 'more line')} in report.html`] : []
  return [`${fence}diff`, ...shown, ...more, fence].join('\n')
}
