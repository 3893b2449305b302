/** The cost of the event log and its analysis: many records are written as in a run, then judged like `nodrop report`. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../../base/child-process.ts'
import { monotonicUs, startClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { openLog } from '../../log/writer.ts'
import type { LogRecord } from '../../model/record.ts'
import { createFrame, createRunPlan, createRequest } from './sample-run.ts'

export interface LogSize {
  requests: number
  /** Maximum number of records; beyond it only lost and slow requests have one; `null` if all have. */
  fullRecords: number | null
  /** One request in this number is lost. */
  lostEvery: number
}

export interface LogTrial extends LogSize {
  /** Records written per second of writing time. */
  writtenPerSecond: number
  /** CPU time for each record until the log is closed, including compression, in µs. */
  writeCpuUs: number
  /** Size of the closed log, per request. */
  bytesPerRequest: number
  judgedSeconds: number
  /** The peak memory of the judging process. */
  judgedMaxRssBytes: number
  /** Whether judging it twice gave the same bytes in every file. */
  repeatable: boolean
}

/** As the driver's client receives them. */
const batch = 500

export async function measureLog(directory: string, size: LogSize): Promise<LogTrial> {
  const runDir = join(directory, `log-${Object.values(size).join('-')}`)
  mkdirSync(runDir)
  writeFileSync(join(runDir, 'plan.json'), JSON.stringify(createRunPlan()))
  const written = await writeLog(join(runDir, 'events.jsonl'), size)
  const first = await measureJudging(runDir)
  const before = hashReports(runDir)
  await measureJudging(runDir)
  return {
    ...size,
    ...written,
    bytesPerRequest: statSync(join(runDir, 'events.jsonl.zst')).size / size.requests,
    ...first,
    repeatable: hashReports(runDir) === before,
  }
}

async function writeLog(
  path: string,
  { requests, fullRecords, lostEvery }: LogSize,
): Promise<Pick<LogTrial, 'writtenPerSecond' | 'writeCpuUs'>> {
  const log = openLog(path, startClock(), { fullRecords: fullRecords ?? Infinity, drivers: 1 })
  const cpu = process.cpuUsage()
  let spentUs = 0
  const writeBatch = (records: LogRecord[]): void => {
    const fromUs = monotonicUs()
    log.writeMany(records)
    log.flush()
    spentUs += monotonicUs() - fromUs
  }
  const { head, tail } = createFrame(requests)
  writeBatch(head)
  for (let from = 0; from < requests; from += batch) {
    const size = Math.min(batch, requests - from)
    writeBatch(
      Array.from({ length: size }, (_, index) => ({
        type: 'request',
        request: createRequest(from + index, lostEvery),
      })),
    )
    // A run's event loop turns too, so that the written data can be synced.
    if (from % 100_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  writeBatch(tail)
  await log.close()
  const { user, system } = process.cpuUsage(cpu)
  return { writtenPerSecond: (requests * 1e6) / spentUs, writeCpuUs: (user + system) / requests }
}

async function measureJudging(runDir: string): Promise<Pick<LogTrial, 'judgedSeconds' | 'judgedMaxRssBytes'>> {
  const program = join(import.meta.dirname, 'judging.ts')
  const { exitCode, stdout, stderr } = await runCommand([process.execPath, program, runDir], { limitMs: 600_000 })
  if (exitCode !== 0) throw new Fault('unknown', `Cannot judge ${runDir}: ${stderr.trim()}`)
  return JSON.parse(stdout) as Pick<LogTrial, 'judgedSeconds' | 'judgedMaxRssBytes'>
}

function hashReports(runDir: string): string {
  const hash = createHash('sha256')
  for (const file of ['analysis.json', 'report.html', 'junit.xml', 'summary.md'])
    hash.update(readFileSync(join(runDir, file)))
  return hash.digest('hex')
}
