/**
 * Records on their way from the driver to the harness, copied as they are in the driver's memory: converting each number to text would
 * delay the driver, and with it the load, by a millisecond or more for every batch.
 */
import { endianness } from 'node:os'
import { Fault } from '../../base/fault.ts'
import type { DriverHealth } from '../../model/record.ts'
import { rowColumns, rowLength } from '../driver/request-row.ts'
import type { RecordRows } from '../driver/request-row.ts'

/** The driver's answer to `GET /records`. */
export interface Batch extends RecordRows {
  runToken: string
  driver: number
  /** The number of instants that became due so far. */
  planned: number
  /** Whether every planned instant is settled and this batch has the last records. */
  done: boolean
  health: DriverHealth
}

interface BatchHeader extends Omit<Batch, 'rows'> {
  columns: readonly string[]
  /** The byte order of the driver's machine. */
  byteOrder: 'LE' | 'BE'
}

/** A line of JSON, then the rows as they are in memory. */
export function encodeBatch({ rows, ...rest }: Batch): Buffer {
  const head: BatchHeader = { columns: rowColumns, byteOrder: endianness(), ...rest }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), viewBytes(rows)])
}

/** Throws a Fault for rows with other columns, and an Error for an incomplete answer. */
export function decodeBatch(answer: Buffer): Batch {
  const end = answer.indexOf('\n')
  const { columns, byteOrder, ...rest } = JSON.parse(
    answer.toString('utf8', 0, end < 0 ? answer.length : end),
  ) as BatchHeader
  if (columns?.join() !== rowColumns.join())
    throw new Fault(
      'unknown',
      `Cannot read the load driver's records: their columns are ${columns?.join()}, not ${rowColumns.join()}`,
    )
  const given = answer.subarray(end + 1)
  const rows = new Float64Array(rest.count * rowLength)
  const bytes = viewBytes(rows)
  if (given.length !== bytes.length)
    throw new Error(`Cannot read a batch of ${rest.count} records: ${given.length} bytes instead of ${bytes.length}`)
  given.copy(bytes)
  if (byteOrder !== endianness()) bytes.swap64()
  return { ...rest, rows }
}

function viewBytes({ buffer, byteOffset, byteLength }: Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
