/** The type of a tool's counting rule, and texts that the rules share. */
import type { Outcome } from '../../model/record.ts'
import type { LoadTool, ToolReport } from '../../model/tools/tool-report.ts'
import { formatCount } from '../../base/figures.ts'
import type { SentRequest } from './sent-request.ts'

/** How a tool counts one request. `untold`: not at all. */
export type Told = { as: 'error'; names: readonly string[] } | { as: 'resent' | 'good' | 'untold' }

export interface ToolRule {
  tool: LoadTool
  /** How to run it. */
  command: string
  /** Whether it keeps connections: if not, only requests of the lane `fresh` resemble its own. */
  keeps: boolean
  judge: (request: SentRequest) => Told
  /** How an answer counts that only the end of its connection completes; default: good. */
  endedByClose?: 'untold'
  /** The exit code with which it stops at such an error. */
  givesUp?: (request: SentRequest) => number | null
  /** The exit code of a run that it completed. */
  exit: (counts: ToolCounts) => number
  says: (counts: ToolCounts) => string
  /** When it exits with a code other than 0. */
  threshold: string
  /** What it reports beyond the requests of a log: its own errors, and what its figures leave out. */
  beyond: string
}

export type ToolCounts = Omit<ToolReport, 'says' | 'exits'>

export const good: Told = { as: 'good' }
export const untold: Told = { as: 'untold' }
export const resent: Told = { as: 'resent' }

export function tellError(...names: [string, ...string[]]): Told {
  return { as: 'error', names }
}

/** Linux's texts for an end by RST, a refusal and an unreachable host, which most tools pass on. */
export const systemErrors: Partial<Record<Outcome, string>> = {
  refused: 'connection refused',
  unreachable: 'no route to host',
  'reset-before-response': 'connection reset by peer',
  'reset-in-body': 'connection reset by peer',
}

/** The errno values of these, which some tools exit with. */
export const errorNumbers: Partial<Record<Outcome, number>> = {
  refused: 111,
  unreachable: 113,
  'reset-before-response': 104,
  'reset-in-body': 104,
}

export const exitsWithZero = (): number => 0
/** The `threshold` of these. */
export const noThreshold = 'none: its exit code is 0 however many fail'

/** `18 × EOF, 11 × connection refused`, most frequent first; empty if nothing was reported. */
export function listTold({ told }: Pick<ToolCounts, 'told'>): string {
  const kinds = Object.entries(told).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return kinds.map(([name, times]) => `${formatCount(times)} × ${name}`).join(', ')
}
