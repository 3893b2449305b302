/** The forms in which a comparison's end can be told. Each is a function of what was judged. */
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { formatAnswers } from '../../judge/report/headline.ts'
import { renderJunit } from '../../judge/report/junit-xml.ts'
import { renderSummary } from '../../judge/report/markdown-summary.ts'
import { renderHtml } from '../../judge/report/render-html.ts'
import type { ReportedRuns } from '../../judge/judge-directory.ts'
import { formatWatchSentences, judgeWatch, watchQuestion } from '../../judge/verdict/watch-sentences.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { formatWorkflowCommand } from '../github.ts'
import { formatJson } from '../print.ts'
import { formatComparison } from '../table.ts'
import type { Line } from '../text.ts'
import type { Screen } from '../view/screen-block.ts'
import { buildResults } from './results-json.ts'
import type { ResultsSite } from './results-json.ts'

/** For people, or for who reads lines: without their ends. */
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
    ...rows.flatMap(annotateRow),
    ...(watch ? annotateWatch(watch) : []),
  ],
} as const

/** Whole documents, made by what lets no control character of others through. */
export const documents = {
  json: (judged: ReportedRuns, site: ResultsSite): string => `${formatJson(buildResults(judged, site))}\n`,
  junit: ({ runs, rows, watch }: ReportedRuns): string => renderJunit(runs, rows, watch),
  markdown: (judged: ReportedRuns): string =>
    renderSummary(judged.rows, judged.runs, listNotes(judged), judged.decisions),
  html: (judged: ReportedRuns, { directory }: ResultsSite): string => {
    const { rows, runs, watch } = judged
    const more = { notes: listNotes(judged), ...(watch && { question: watchQuestion }) }
    return renderHtml({ title: basename(directory), rows, runs, ...more })
  },
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

function listNotes({ watch }: ReportedRuns): string[] {
  return watch === null ? [] : formatWatchSentences(watch).map((sentence) => `${sentence}.`)
}

function formatPlace({ report }: ReportedRuns): string {
  return `Report: ${report === null ? 'not written' : pathToFileURL(report).href}`
}

/** As the exit code: an error where it is 1, a warning where it is 4. */
function annotateRow({ scenario, configuration, result, sentence }: ComparisonRow): string[] {
  const title = `${scenario} × ${configuration}`
  const text = [sentence, ...result.because.slice(1)].join('\n')
  if (result.held === false) return [formatWorkflowCommand('error', text, title)]
  return result.held === null || result.missing > 0 ? [formatWorkflowCommand('warning', text, title)] : []
}

function annotateWatch(watch: NonNullable<ReportedRuns['watch']>): string[] {
  const commands = { passed: null, failed: 'error', unknown: 'warning' } as const
  const command = commands[judgeWatch(watch)]
  return command === null ? [] : [formatWorkflowCommand(command, formatWatchSentences(watch).join('\n'), watch.target)]
}
