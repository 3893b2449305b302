/** What other load tools would have reported about a run if they had sent the same requests; each request is judged by itself. */
import type { RequestLookup } from '../../model/load/request-choice.ts'
import type { RequestRecord } from '../../model/record.ts'
import type { LaneResult } from '../../model/result.ts'
import { loadTools } from '../../model/tools/tool-report.ts'
import type { LoadTool, ToolReport } from '../../model/tools/tool-report.ts'
import { goTools } from './go-tools.ts'
import { otherTools } from './other-tools.ts'
import { toSentRequest } from './sent-request.ts'
import type { SentRequest } from './sent-request.ts'
import type { ToolCounts, ToolRule } from './tool-rule.ts'

const rules = new Map([...goTools, ...otherTools].map((rule) => [rule.tool, rule]))

/** In the order of `loadTools`. */
export const toolRules: readonly ToolRule[] = loadTools.map((tool) => rules.get(tool)!)

/** The rule of one tool. */
export function getToolRule(tool: LoadTool): ToolRule {
  return rules.get(tool)!
}

/** Also for a name from a file, which may be anything. */
export function findToolRule(tool: string): ToolRule | undefined {
  return toolRules.find((rule) => rule.tool === tool)
}

export interface ToolledRun {
  /** Every lost request of the workload's lanes, by due time. */
  lost: readonly RequestRecord[]
  /** Requests sent by lane, without the lane `control`. */
  lanes: readonly Pick<LaneResult, 'lane' | 'sent'>[]
  /** Number of `ok` answers that only the end of their connection completed. */
  endedByClose: number
  lookUp: RequestLookup
}

/** In the order of `loadTools`. */
export function reportTools({ lost, lanes, endedByClose, lookUp }: ToolledRun): ToolReport[] {
  const requests = lost.map((record) => ({ ...toSentRequest(record, lookUp), lane: record.lane }))
  return toolRules.map((rule) => {
    const own = lanes.filter(({ lane }) => lane !== 'control' && (rule.keeps || lane === 'fresh'))
    return reportByRule(rule, {
      sent: own.reduce((sum, { sent }) => sum + sent, 0),
      lost: requests.filter(({ lane }) => rule.keeps || lane === 'fresh'),
      endedByClose,
    })
  })
}

/** `sent`: including the lost ones. */
export function reportByRule(
  rule: ToolRule,
  { sent, lost, endedByClose }: { sent: number; lost: readonly SentRequest[]; endedByClose: number },
): ToolReport {
  const told: Record<string, number> = {}
  const counts = { error: 0, resent: 0, good: 0, untold: 0 }
  let exit: number | null = null
  for (const request of lost) {
    // The tool has ended and sees no later requests.
    const says = exit === null ? rule.judge(request) : { as: 'untold' as const }
    counts[says.as]++
    if (says.as === 'error') for (const name of says.names) told[name] = (told[name] ?? 0) + 1
    exit ??= rule.givesUp?.(request) ?? null
  }
  const uncounted = rule.endedByClose === 'untold' ? endedByClose : 0
  const report: ToolCounts = {
    tool: rule.tool,
    sent,
    lost: lost.length,
    told,
    errors: counts.error,
    resent: counts.resent,
    untold: counts.good + counts.untold,
    good: sent - lost.length - uncounted + counts.resent + counts.good,
    gaveUp: exit === null ? 0 : 1,
  }
  return { ...report, exits: { [exit ?? rule.exit(report)]: 1 }, says: formatSays(rule, report, exit) }
}

function formatSays(rule: ToolRule, counts: ToolCounts, exit: number | null): string {
  return exit === null ? rule.says(counts) : `gave up at the first ${exit === 119 ? 'time limit' : 'error of a socket'}`
}

/** For several runs of the same configuration, each with every tool. */
export function sumToolReports(runs: readonly (readonly ToolReport[])[]): ToolReport[] {
  return loadTools.map((tool) => {
    const reports = runs.flatMap((reports) => reports.filter((report) => report.tool === tool))
    const sum = (pick: (report: ToolReport) => number): number => reports.reduce((all, one) => all + pick(one), 0)
    const counts: ToolCounts = {
      tool,
      sent: sum(({ sent }) => sent),
      lost: sum(({ lost }) => lost),
      told: sumCounts(reports.map(({ told }) => told)) as Record<string, number>,
      errors: sum(({ errors }) => errors),
      resent: sum(({ resent }) => resent),
      untold: sum(({ untold }) => untold),
      good: sum(({ good }) => good),
      gaveUp: sum(({ gaveUp }) => gaveUp),
    }
    const exits = sumCounts(reports.map(({ exits }) => exits)) as Record<string, number>
    const [only] = reports
    if (only !== undefined && reports.length === 1) return only
    const says = getToolRule(tool).says(counts)
    return { ...counts, exits, says: counts.gaveUp > 0 ? `gave up ${counts.gaveUp} of ${reports.length} runs` : says }
  })
}

/** Sums by key, over all keys of any of them. */
export function sumCounts<K extends string>(
  records: readonly Partial<Record<K, number>>[],
): Partial<Record<K, number>> {
  const total: Partial<Record<K, number>> = {}
  for (const record of records) {
    for (const [key, times] of Object.entries(record) as [K, number][]) total[key] = (total[key] ?? 0) + times
  }
  return total
}
