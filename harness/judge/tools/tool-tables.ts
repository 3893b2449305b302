/** How other clients would have seen the same losses, as tables of text, for page and Markdown. */
import { formatCount, formatPercent, noFigure } from '../../base/figures.ts'
import { formatConfiguration, hasSeveralPlaces } from '../../model/comparison.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { workloadLanes } from '../../model/plan.ts'
import { clientNames, retryingClients } from '../../model/tools/retrying-clients.ts'
import { loadTools } from '../../model/tools/tool-report.ts'
import type { ToolReport } from '../../model/tools/tool-report.ts'
import type { Analysis } from '../../model/result.ts'
import { findToolRule } from './tool-reports.ts'

export interface TextTable {
  title: string
  heads: string[]
  /** Each with as many cells as there are heads; the first is the name of the row. */
  rows: string[][]
  foot: string
}

const rulesFoot =
  'By each tool’s own counting rules, had it sent the same requests in the same way; ab without -k and the loop over curl open a ' +
  'connection for each request, so only those of the lane fresh are theirs. docs/load-tools.md has the rules, their sources, and what the tools ' +
  'themselves printed beside a packet capture.'
const retriesFoot =
  'A client that sends a request again may fail again: who is refused often is. What is retried silently is in no figure of that client.'

/** One column for each row with a judged round. */
export function buildToolTable(rows: readonly ComparisonRow[]): TextTable | null {
  const judged = rows.filter((row) => row.judged > 0)
  if (judged.length === 0) return null
  return {
    title: 'What your tool would have told you',
    heads: ['tool', ...nameRows(judged)],
    rows: loadTools.map((tool) => [
      tool,
      ...judged.map(({ tools }) => formatReport(tools.find((report) => report.tool === tool))),
    ]),
    foot: `Errors told of requests lost. ${rulesFoot}`,
  }
}

function formatReport(report: ToolReport | undefined): string {
  if (report === undefined) return ''
  const { errors, lost, gaveUp, exits } = report
  const figure = gaveUp > 0 ? 'gave up' : lost === 0 ? '0' : `${formatCount(errors)} of ${formatCount(lost)}`
  return `${figure} · ${formatExits(exits)}`
}

/** `exit 0`, `exit 99 in 1 of 3`. */
function formatExits(exits: Record<string, number>): string {
  const codes = Object.entries(exits)
  const runs = codes.reduce((sum, [, times]) => sum + times, 0)
  if (codes.length === 1) return `exit ${codes[0]![0]}`
  return `exit ${codes
    .filter(([code]) => code !== '0')
    .map(([code, times]) => `${code} in ${times}`)
    .join(', ')} of ${runs}`
}

/** How many of the lost requests each client and proxy would have retried; `null` if nothing was lost. */
export function buildRetryTable(rows: readonly ComparisonRow[]): TextTable | null {
  const lossy = rows.filter(({ judged, lost }) => judged > 0 && lost > 0)
  if (lossy.length === 0) return null
  return {
    title: 'Who would have sent lost requests again',
    heads: ['client', ...nameRows(lossy)],
    rows: retryingClients.map((client) => [
      clientNames[client],
      ...lossy.map(({ retriedBy, lost }) => `${formatCount(retriedBy[client] ?? 0)} of ${formatCount(lost)}`),
    ]),
    foot: retriesFoot,
  }
}

/** Lost shares by lane; `null` with only one lane, or if nothing was lost. */
export function buildLaneTable(rows: readonly ComparisonRow[]): TextTable | null {
  const judged = rows.filter((row) => row.judged > 0)
  const lanes = workloadLanes.filter((lane) => judged.some((row) => row.lanes.some((one) => one.lane === lane)))
  if (lanes.length < 2 || judged.every(({ lost }) => lost === 0)) return null
  const names = nameRows(judged)
  return {
    title: 'Lost by lane',
    heads: ['configuration', ...lanes],
    rows: judged.map((row, index) => [
      names[index]!,
      ...lanes.map((lane) => {
        const { sent = 0, lost = 0 } = row.lanes.find((one) => one.lane === lane) ?? {}
        return sent === 0 ? noFigure : `${formatCount(lost)} of ${formatCount(sent)} · ${formatPercent(lost, sent)}`
      }),
    ]),
    foot:
      'Shares depend on the mix of lanes: a client that opens a connection for each request, one that keeps connections and one that sends POSTs ' +
      'lose different requests. Read the lane that is like your clients.',
  }
}

const figures = ['lost', 'counted as errors', 'retried silently', 'not counted']

/** For one run: what each tool reports, and what it leaves out. */
export function buildRunToolTable({ tools }: Pick<Analysis, 'tools'>): TextTable {
  return {
    title: 'What your tool would have told you',
    heads: ['command', 'it prints', 'exit code rule', 'notes', ...figures, 'exit code'],
    rows: tools.map(({ tool, says, lost, errors, resent, untold, exits }) => {
      const { command = tool, threshold = '', beyond = '' } = findToolRule(tool) ?? {}
      const counts = [lost, errors, resent, untold].map(formatCount)
      return [command, says, threshold, beyond, ...counts, Object.keys(exits).join(', ')]
    }),
    foot: rulesFoot,
  }
}

/** With scenario and cluster unless all have the same. */
function nameRows(rows: readonly ComparisonRow[]): string[] {
  const showPlace = hasSeveralPlaces(rows)
  return rows.map((row) => formatConfiguration(row, showPlace))
}
