/**
 * `npm run capture -- [options of nodrop run]` plays a run, or a comparison, with a packet capture in each driver's pod, and compares every
 * loss in the event log with it. The cluster's pods must run on this machine, as with kind; it needs root and tcpdump. `npm run capture --
 * RUN…` repeats the comparison for directories of captured runs.
 *
 * Status 0 when log and capture agree about every request, 1 when they do not, 3 when nothing can be captured here, 4 when there is no
 * capture or packets are missing in one.
 */
import { join } from 'node:path'
import { exitCodes, Fault, getErrorMessage } from '../../base/fault.ts'
import { printLines, printNotice } from '../../terminal/print.ts'
import { printToolUsage } from '../../terminal/npm/tool-options.ts'
import { isFullAgreement, formatAgreement } from './agreement.ts'
import { runWithCapture } from './run-with-capture.ts'
import type { CapturedRun, CapturedRuns } from './run-with-capture.ts'
import { compareCaptures } from './compare-captures.ts'
import { findCaptureObstacle } from './tcpdump.ts'

const tool = {
  name: 'capture',
  does: 'plays nodrop run, or takes RUN, and compares every loss in its log with a packet capture; needs root and tcpdump',
  options: {
    config: { type: 'string', value: 'LIST', help: 'as this, every option of nodrop run: npx nodrop help run' },
  },
  words: '[RUN…]',
} as const

const defaultOut = join(import.meta.dirname, '../../../reports/runs')

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === '--help' || args[0] === '-h') {
    printToolUsage(tool)
    return exitCodes.ok
  }
  const judgeOnly = args.length > 0 && args.every((arg) => !arg.startsWith('-'))
  const { runs, dropped, exitCode } = judgeOnly ? await compareRuns(args) : await captureRun(args)
  if (exitCode === exitCodes.usage) return exitCodes.usage
  for (const { runDir, agreements } of runs) {
    printLines(runDir)
    if (agreements.length === 0) printLines('  no capture')
    for (const agreement of agreements) printLines(...formatAgreement(agreement).map((line) => `  ${line}`))
  }
  if (dropped !== 0) printLines(`${dropped ?? 'an unknown number of'} packets are missing in the captures`)
  const all = runs.flatMap(({ agreements }) => agreements)
  if (!all.every(isFullAgreement)) return exitCodes.gate
  return dropped === 0 && runs.length > 0 && runs.every(({ agreements }) => agreements.length > 0)
    ? exitCodes.ok
    : exitCodes.unknown
}

async function compareRuns(runDirs: readonly string[]): Promise<CapturedRuns> {
  const runs: CapturedRun[] = []
  for (const runDir of runDirs) runs.push({ runDir, agreements: await compareCaptures(runDir) })
  return { runs, dropped: 0, exitCode: null }
}

function captureRun(args: readonly string[]): Promise<CapturedRuns> {
  const why = findCaptureObstacle()
  if (why !== null) throw new Fault('environment', `Cannot capture: ${why}`)
  const at = args.indexOf('--out')
  // Ctrl-C is for the run, which then cleans up.
  process.on('SIGINT', () => undefined)
  return runWithCapture(args, { out: (at < 0 ? undefined : args[at + 1]) ?? defaultOut, output: 'inherit' })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  printNotice(getErrorMessage(error))
  process.exitCode = error instanceof Fault ? error.exitCode : exitCodes.unknown
}
