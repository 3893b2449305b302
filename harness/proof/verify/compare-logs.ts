/** Both logs of a stage, read back and compared. */
import { findNearestRank } from '../../judge/figures/quantiles.ts'
import { readLog } from '../../log/reader.ts'
import type { RequestRecord } from '../../model/record.ts'
import type { StageLogs } from './run-stage.ts'
import { Tally } from './tally.ts'
import type { TallyRow, TallySums } from './tally.ts'
import { readTruth } from './truth-log.ts'

export interface StageResult extends TallySums {
  rows: TallyRow[]
  /** The first few wrong records, in words. */
  examples: string[]
  /** How late requests were sent after they were due. */
  lag: { p50Us: number; p99Us: number; maxUs: number }
}

/** Called with every sent request, and when the server took it up on the same clock; `null` for one that the server never got. */
type OnSent = (request: RequestRecord, takenUpUs: number | null) => void

export async function compareLogs(
  { planned, originUs, timeoutUs, truth, log }: StageLogs,
  onSent: OnSent = () => {},
): Promise<StageResult> {
  const tally = new Tally(planned, { originUs, timeoutUs })
  for await (const line of readTruth(truth)) tally.addTruth(line)
  const lags = new Float64Array(planned)
  let sent = 0
  const events = readLog(log)
  for await (const record of events) {
    if (record.type !== 'request') continue
    const { request } = record
    tally.addRecord(request)
    if (request.sentUs === null) continue
    lags[sent++] = request.sentUs - request.dueUs
    onSent(request, tally.getReceivedUs(request.seq))
  }
  if (events.torn || !events.complete) throw new Error(`The event log ${log} is torn although it was closed`)
  return {
    ...tally.computeSums(planned),
    rows: tally.rows,
    examples: tally.examples,
    lag: summariseLags(lags.subarray(0, sent)),
  }
}

/** Sorts the lags in place. */
export function summariseLags(lags: Float64Array): StageResult['lag'] {
  lags.sort()
  return {
    p50Us: findNearestRank(lags, 0.5) ?? 0,
    p99Us: findNearestRank(lags, 0.99) ?? 0,
    maxUs: findNearestRank(lags, 1) ?? 0,
  }
}
