/** Plays as a table: the losses on the wire, the tool's report, and differences from its rule. */
import { formatCount, noFigure } from '../../base/figures.ts'
import type { LoadTool } from '../../model/tools/tool-report.ts'
import { matchesRule } from './play-tool.ts'
import type { ToolPlay, ToolResult } from './play-tool.ts'
import { knownDifferences } from './known-differences.ts'

/** Lines of Markdown: a row for each play, a column for each tool. */
export function formatPlays(plays: readonly ToolPlay[]): string[] {
  const tools = [...new Set(plays.map(({ tool }) => tool))]
  const names = [...new Set(plays.map(({ play }) => play))]
  const find = (tool: LoadTool, name: string): ToolPlay | undefined =>
    plays.find((play) => play.tool === tool && play.play === name)
  const rows = [
    ['fault', ...tools],
    ['---', ...tools.map(() => '---')],
    ...names.map((name) => [name, ...tools.map((tool) => formatPlay(find(tool, name)))]),
  ]
  return rows.map((cells) => `| ${cells.join(' | ')} |`)
}

/** `20 → 0`, `20 → 0, exit 99`; followed by a difference from the rule. A tool that did not meet the fault has no figure. */
function formatPlay(play: ToolPlay | undefined): string {
  if (play === undefined) return ''
  const { lost, told, predicted } = play
  if (told === null) return `${formatCount(lost)} → no result`
  if (lost === 0 && told.failed === 0 && matchesRule(play)) return noFigure
  const exit = told.exitCode === 0 ? '' : `, exit ${told.exitCode}`
  const own = `${formatCount(lost)} → ${formatCount(told.failed)}${exit}`
  if (matchesRule(play)) return own
  return `${own} (${isKnown(play) ? 'beyond the rule' : 'not as predicted'}: ${formatResult(predicted)})`
}

function formatResult({ failed, exitCode }: ToolResult): string {
  return `${formatCount(failed)}${exitCode === 0 ? '' : `, exit ${exitCode}`}`
}

/** Whether the rule itself excludes this case. */
export function isKnown({ tool, play }: ToolPlay): boolean {
  return knownDifferences[tool]?.[play] !== undefined
}

/** Each difference in one line: all figures, and the reason if it is known. */
export function listDifferences(plays: readonly ToolPlay[]): string[] {
  return plays
    .filter((play) => !matchesRule(play))
    .map((play) => [formatFigures(play), knownDifferences[play.tool]?.[play.play]].filter(Boolean).join('; '))
}

/** `wrk, refused: 40 sent, 40 lost; tells 40 failed, 0 good, exit 0; predicted 39 failed, 0 good, exit 0`. */
export function formatFigures({ tool, play, sent, lost, told, predicted }: ToolPlay): string {
  const formatAll = ({ failed, good, exitCode }: ToolResult): string =>
    `${formatCount(failed)} failed, ${formatCount(good)} good, exit ${exitCode}`
  const tells = told === null ? 'no result' : formatAll(told)
  return `${tool}, ${play}: ${formatCount(sent)} sent, ${formatCount(lost)} lost; tells ${tells}; predicted ${formatAll(predicted)}`
}
