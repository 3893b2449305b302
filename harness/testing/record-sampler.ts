import { Condenser } from '../log/request-sampler.ts'
import type { LogRecord } from '../model/record.ts'

/** Gives each batch of records as a log with this budget has it. */
export function condensedTo(fullRecords: number): (batch: readonly LogRecord[]) => LogRecord[] {
  const condenser = new Condenser({ fullRecords, drivers: 1 })
  return (batch) => condenser.condense(batch)
}
