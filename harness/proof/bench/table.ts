/** A bench as text: a table for each loop, what was aimed at, and what the driver's parts cost. */
import { grouped } from '../../terminal/table.ts'
import { columns, paint } from '../../terminal/text.ts'
import type { Line, Painted } from '../../terminal/text.ts'
import type { BenchResult, LoopResult } from './bench.ts'
import type { LogTrial } from './log-trial.ts'
import { targetsOf } from './targets.ts'
import type { Trial } from './client-trial.ts'

export function benchLines(result: BenchResult, machine: string): Line[] {
  const targets = targetsOf(result)
  const rows = targets.map(({ what, aim, found, met }) => [met ? 'yes' : 'NO', what, aim, found])
  const [head = '', ...body] = columns([['met', 'aimed at', '', 'found'], ...rows])
  return [
    machine,
    ...result.loops.flatMap(loopLines),
    '',
    ...logLines(result.log),
    '',
    ...logLines(result.summarised),
    '',
    ...logLines(result.summarisedMore),
    '',
    ...logLines(result.summarisedMoreLost),
    '',
    bold(head),
    ...body.map((line, index) => (targets[index]?.met ? line : paint('red', line))),
  ]
}

const bold = (text: string): Painted => paint('bold', text)

function loopLines({ loop, driver, discarded, kept, others }: LoopResult): Line[] {
  const { connections, ratePerSecond } = loop
  const title =
    ratePerSecond === null
      ? `Closed loop, ${connections} connections, answers of 1 KiB`
      : `Open loop, ${grouped(ratePerSecond)} requests/s, answers of 1 KiB`
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
  const rows = all.map((trial) => cells(trial, driver.cpuUs))
  const [head = '', ...body] = columns([header, ...rows], [1, 2, 3, 4, 5, 6, 7, 8, 9])
  const parts = [
    `records in the log, CPU of the driver ${us(driver.cpuUs)} and of the harness ${us(driver.harnessUs)}`,
    `polled and thrown away ${us(discarded.cpuUs)} and ${us(discarded.harnessUs)}`,
    ...(kept ? [`left in the driver until the end ${us(kept.cpuUs)}, send lag p99 ${ms(kept.lag?.p99Us ?? 0)}`] : []),
  ]
  return ['', bold(title), head, ...body, `nodrop's parts: ${parts.join('; ')}`]
}

function cells(trial: Trial, ownUs: number): string[] {
  const { name, cpuUs, ratePerSecond, told, received, planned, lag, disturbed, stolen } = trial
  // A tool that does not say how many requests it sent is asked for what was due.
  const missed = planned === null ? 0 : Math.max(0, planned - Math.max(told, received))
  const untold = Math.abs(received - told)
  return [
    name,
    us(cpuUs),
    (cpuUs / ownUs).toFixed(2),
    grouped(Math.round(ratePerSecond)),
    missed > 0 ? `${grouped(untold)}, ${grouped(missed)} not sent` : grouped(untold),
    ...[lag?.p50Us, lag?.p99Us, lag?.maxUs].map((us) => (us == null ? '' : ms(us))),
    percent(disturbed),
    percent(stolen),
  ]
}

function logLines(log: LogTrial): Line[] {
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
    bold(
      `Event log, ${grouped(requests)} requests, ${grouped(Math.floor(requests / lostEvery))} of them lost${fullRecords === null ? '' : `, ${grouped(fullRecords)} kept one by one`}`,
    ),
    `written at ${grouped(Math.round(writtenPerSecond))} records/s, ${us(writeCpuUs)} of CPU for each until the log is closed`,
    `closed: ${bytesPerRequest.toFixed(1)} bytes for each request`,
    `judged and reported in ${judgedSeconds.toFixed(1)} s with ${Math.round(judgedMaxRssBytes / 1e6)} MB at most, twice: ${repeatable ? 'the same bytes' : 'DIFFERENT BYTES'}`,
  ]
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const us = (value: number): string => `${value.toFixed(1)} µs`
const ms = (value: number): string => `${(value / 1000).toFixed(2)} ms`
