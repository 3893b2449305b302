/** A bench as text: a table for each loop, the targets, and the cost of the driver's parts. */
import { formatCount, formatDuration, formatPercent } from '../../base/figures.ts'
import { alignColumns, withStyle } from '../../terminal/text.ts'
import type { Line, StyledText } from '../../terminal/text.ts'
import type { BenchResult, LoopResult } from './bench.ts'
import type { LogTrial } from './log-trial.ts'
import { listTargets } from './targets.ts'
import type { Trial } from './client-trial.ts'

export function formatBench(result: BenchResult, machine: string): Line[] {
  const targets = listTargets(result)
  const rows = targets.map(({ what, aim, found, met }) => [met ? 'yes' : 'NO', what, aim, found])
  const [head = '', ...body] = alignColumns([['met', 'aimed at', '', 'found'], ...rows])
  return [
    machine,
    ...result.loops.flatMap(formatLoop),
    '',
    ...formatLog(result.log),
    '',
    ...formatLog(result.aggregated),
    '',
    ...formatLog(result.aggregatedMore),
    '',
    ...formatLog(result.aggregatedMoreLost),
    '',
    paintBold(head),
    ...body.map((line, index) => (targets[index]?.met ? line : withStyle('red', line))),
  ]
}

const paintBold = (text: string): StyledText => withStyle('bold', text)

function formatLoop({ loop, driver, discarded, kept, others }: LoopResult): Line[] {
  const { connections, ratePerSecond } = loop
  const title =
    ratePerSecond === null
      ? `Closed loop, ${connections} connections, answers of 1 KiB`
      : `Open loop, ${formatCount(ratePerSecond)} requests/s, answers of 1 KiB`
  const all: Trial[] = [driver, ...others]
  const header = [
    'client',
    'CPU/request',
    '÷ nodrop',
    'requests/s',
    'unaccounted',
    'lag p50',
    'p99',
    'max',
    'disturbed',
    'stolen',
  ]
  const rows = all.map((trial) => formatCells(trial, driver.cpuUs))
  const [head = '', ...body] = alignColumns([header, ...rows], [1, 2, 3, 4, 5, 6, 7, 8, 9])
  const parts = [
    `records in the log, CPU of the driver ${formatDuration(driver.cpuUs)} and of the harness ${formatDuration(driver.harnessUs)}`,
    `polled and thrown away ${formatDuration(discarded.cpuUs)} and ${formatDuration(discarded.harnessUs)}`,
    ...(kept
      ? [
          `left in the driver until the end ${formatDuration(kept.cpuUs)}, send lag p99 ${formatDuration(kept.lag?.p99Us ?? 0)}`,
        ]
      : []),
  ]
  return ['', paintBold(title), head, ...body, `nodrop's parts: ${parts.join('; ')}`]
}

function formatCells(trial: Trial, ownUs: number): string[] {
  const { name, cpuUs, ratePerSecond, told, received, planned, lag, disturbed, stolen } = trial
  // For a tool that does not report how many requests it sent, those that were due count.
  const missed = planned === null ? 0 : Math.max(0, planned - Math.max(told, received))
  const untold = Math.abs(received - told)
  return [
    name,
    formatDuration(cpuUs),
    (cpuUs / ownUs).toFixed(2),
    formatCount(Math.round(ratePerSecond)),
    missed > 0 ? `${formatCount(untold)}, ${formatCount(missed)} not sent` : formatCount(untold),
    ...[lag?.p50Us, lag?.p99Us, lag?.maxUs].map((us) => (us == null ? '' : formatDuration(us))),
    formatPercent(disturbed, 1),
    formatPercent(stolen, 1),
  ]
}

function formatLog(log: LogTrial): Line[] {
  const {
    requests,
    fullRecords,
    lostEvery,
    writtenPerSecond,
    writeCpuUs,
    bytesPerRequest,
    judgedSeconds,
    judgedMaxRssBytes,
    repeatable,
  } = log
  return [
    paintBold(
      `Event log, ${formatCount(requests)} requests, ${formatCount(Math.floor(requests / lostEvery))} of them lost${fullRecords === null ? '' : `, ${formatCount(fullRecords)} kept one by one`}`,
    ),
    `written at ${formatCount(Math.round(writtenPerSecond))} records/s, ${formatDuration(writeCpuUs)} of CPU for each until the log is closed`,
    `closed: ${bytesPerRequest.toFixed(1)} bytes for each request`,
    `judged and reported in ${judgedSeconds.toFixed(1)} s with ${Math.round(judgedMaxRssBytes / 1e6)} MB at most, twice: ${repeatable ? 'the same bytes' : 'DIFFERENT BYTES'}`,
  ]
}
