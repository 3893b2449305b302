/** The forms of a comparison's results. Each is a function of what was judged. */
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { listGithubAnnotations } from '../../judge/exports/github-annotations.ts'
import { formatWorkflowCommand } from '../../judge/exports/workflow-command.ts'
import { formatAnswers } from '../../judge/report/headline.ts'
import { listNotes, renderReport, renderReportSummary } from '../../judge/report/judged-runs.ts'
import { renderJunit } from '../../judge/report/junit-xml.ts'
import type { ReportedRuns } from '../../judge/judge-directory.ts'
import { formatWatchSentences, judgeWatch } from '../../judge/verdict/watch-sentences.ts'
import { formatJson } from '../print.ts'
import { formatComparison } from '../table.ts'
import type { Line } from '../text.ts'
import type { Screen } from '../view/screen-block.ts'
import { buildResults } from './results-json.ts'
import type { ResultsSite } from './results-json.ts'

/** For people, or for readers of lines: without line ends. */
export const listings = {
  list: (judged: ReportedRuns, screen: Screen): Line[] => {
    const { rows, decisions, watch } = judged
    const table = rows.length === 0 && watch ? [] : ['', ...formatComparison(rows, screen, decisions)]
    return [...table, ...(watch ? ['', ...listNotes(judged)] : []), '', formatPlace(judged)]
  },
  line: (judged: ReportedRuns): Line[] => [
    ...listNotes(judged),
    ...(judged.watch ? [] : formatAnswers(judged.rows)),
    formatPlace(judged),
  ],
  github: ({ rows, watch }: ReportedRuns): Line[] => [
    ...listGithubAnnotations(rows),
    ...(watch ? annotateWatch(watch) : []),
  ],
} as const

/** Complete documents, whose makers escape control characters. */
export const documents = {
  json: (judged: ReportedRuns, site: ResultsSite): string => `${formatJson(buildResults(judged, site))}\n`,
  junit: ({ runs, rows, watch }: ReportedRuns): string => renderJunit(runs, rows, watch),
  markdown: (judged: ReportedRuns): string => renderReportSummary(judged),
  html: (judged: ReportedRuns, { directory }: ResultsSite): string => renderReport(judged, basename(directory)),
} as const

export type ListingName = keyof typeof listings
export type DocumentName = keyof typeof documents
export type ReporterName = ListingName | DocumentName

export const reporterNames: readonly ReporterName[] = [
  ...(['list', 'line', 'github'] as const),
  ...(['json', 'junit', 'markdown', 'html'] as const),
]

export function isDocument(name: ReporterName): name is DocumentName {
  return Object.hasOwn(documents, name)
}

function formatPlace({ report }: ReportedRuns): string {
  return `Report: ${report === null ? 'not written' : pathToFileURL(report).href}`
}

function annotateWatch(watch: NonNullable<ReportedRuns['watch']>): string[] {
  const commands = { passed: null, failed: 'error', unknown: 'warning' } as const
  const command = commands[judgeWatch(watch)]
  const title = `nodrop: ${watch.target}`
  return command === null ? [] : [formatWorkflowCommand(command, formatWatchSentences(watch).join('\n'), title)]
}
