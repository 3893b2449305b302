/**
 * Records on their way from the driver to the harness. They are copied as they lie in the driver's memory: turning each number
 * into text would hold up the driver, and with it the load, for a millisecond and more at every batch.
 */
import { endianness } from 'node:os'
import { Fault } from '../../base/fault.ts'
import type { DriverHealth } from '../../model/record.ts'
import { rowColumns, rowLength } from '../driver/request-row.ts'
import type { RecordRows } from '../driver/request-row.ts'

/** What the driver answers to `GET /records`. */
export interface Batch extends RecordRows {
  runToken: string
  driver: number
  /** Instants that became due so far. */
  planned: number
  /** Every planned instant is settled and this batch has the last of the records. */
  done: boolean
  health: DriverHealth
}

interface BatchHeader extends Omit<Batch, 'rows'> {
  columns: readonly string[]
  /** Of the driver's machine. */
  byteOrder: 'LE' | 'BE'
}

/** A line of JSON, then the rows as they are in memory. */
export function encodeBatch({ rows, ...rest }: Batch): Buffer {
  const head: BatchHeader = { columns: rowColumns, byteOrder: endianness(), ...rest }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), viewBytes(rows)])
}

/** Throws a Fault for rows of other columns, and an Error for an answer that is not whole. */
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
