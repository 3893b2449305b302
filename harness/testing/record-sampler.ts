import { RequestSampler } from '../log/request-sampler.ts'
import type { LogRecord } from '../model/record.ts'

/** Gives each batch of records as a log with this budget has it. */
export function createRecordSampler(fullRecords: number): (batch: readonly LogRecord[]) => LogRecord[] {
  const condenser = new RequestSampler({ fullRecords, drivers: 1 })
  return (batch) => condenser.sample(batch)
}
