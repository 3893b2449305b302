/** Logs of real runs for comparisons in tests. */
import { join } from 'node:path'
import { LogError } from '../log/log-error.ts'
import { readPlanDigest, readPlan } from '../log/plan-file.ts'
import { readLog } from '../log/reader.ts'
import type { LogRecord } from '../model/record.ts'
import type { Verdict } from '../model/result.ts'
import type { RunLog } from './mutations/mutation.ts'

/** The runs, and the expected verdict of each. The first lost nothing, the second did. */
export const recordedRuns: readonly { name: string; verdict: Verdict }[] = [
  { name: 'rollout-graceful-local', verdict: 'passed' },
  { name: 'rollout-naive-local', verdict: 'failed' },
  { name: 'scale-down-graceful-two-drivers', verdict: 'passed' },
  { name: 'eviction-graceful-local', verdict: 'passed' },
  { name: 'rollout-graceful-kind', verdict: 'passed' },
]

/** The directory of plan.json and the log. */
export function getRecordedDir(name: string): string {
  return join(import.meta.dirname, 'logs', name)
}

export async function readRecordedRun(directory: string): Promise<RunLog> {
  const log = readLog(directory)
  const records: LogRecord[] = []
  for await (const record of log) records.push(record)
  return { plan: readPlan(directory), planDigest: readPlanDigest(directory), records, torn: log.torn }
}

/** Whether reading failed because the log is damaged before its end. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof LogError
}
