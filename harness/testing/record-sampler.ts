import { RequestSampler } from '../log/request-sampler.ts'
import type { LogRecord } from '../model/record.ts'

/** Returns each batch of records as it is in a log with this budget. */
export function createRecordSampler(fullRecords: number): (batch: readonly LogRecord[]) => LogRecord[] {
  const condenser = new RequestSampler({ fullRecords, drivers: 1 })
  return (batch) => condenser.sample(batch)
}
