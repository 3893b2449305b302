/**
 * Records on their way from the driver to the harness. They are copied as they lie in the driver's memory: turning each number
 * into text would hold up the driver, and with it the load, for a millisecond and more at every batch.
 */
import { endianness } from 'node:os'
import { Fault } from '../../base/fault.ts'
import { lanes } from '../../model/plan.ts'
import { notSentReasons, outcomes } from '../../model/record.ts'
import type { DriverHealth, NotSentReason, Outcome, RequestRecord } from '../../model/record.ts'
import { protocolVersion } from './control-protocol.ts'

/** Outcomes, and reasons for not sending, by their number on the wire; lanes are numbered by their place in `lanes`. */
export const outcomesOnWire: readonly (Outcome | NotSentReason)[] = [...outcomes, ...notSentReasons]

/**
 * The numbers of one record, in the order in which they stand in a row; times in µs of the driver's clock, texts by their
 * place among the batch's. -1 stands for `null`.
 */
export const wireFields = [
  'seq',
  'lane',
  'outcome',
  'due',
  'sent',
  'connected',
  'firstByte',
  'settled',
  'status',
  'connection',
  'use',
  'idle',
  'bytes',
  'port',
  'pod',
  'previousPod',
  'detail',
] as const

type WireField = (typeof wireFields)[number]

/** Consecutive records in the order in which they settled. */
export interface RecordRows {
  /** Number of the first of them; they count from 1. */
  first: number
  count: number
  /** One after another, each as many numbers as there are `wireFields`. */
  rows: Float64Array
  texts: string[]
}

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
  version: number
  /** Of the driver's machine. */
  byteOrder: 'LE' | 'BE'
}

/** A line of JSON, then the rows as they are in memory. */
export function encodeBatch({ rows, ...rest }: Batch): Buffer {
  const head: BatchHeader = { version: protocolVersion, byteOrder: endianness(), ...rest }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), viewBytes(rows)])
}

/** Throws a Fault for a driver of another version, and an Error for an answer that is not whole. */
export function decodeBatch(answer: Buffer): Batch {
  const end = answer.indexOf('\n')
  const { version, byteOrder, ...rest } = JSON.parse(
    answer.toString('utf8', 0, end < 0 ? answer.length : end),
  ) as BatchHeader
  if (version !== protocolVersion)
    throw new Fault(
      'unknown',
      `Cannot read the load driver's records: their version is ${version}, not ${protocolVersion}`,
    )
  const given = answer.subarray(end + 1)
  const rows = new Float64Array(rest.count * wireFields.length)
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

/** `offsetUs`: how far the driver's clock runs ahead of the run's. */
export function toRecords(batch: RecordRows, driver: number, offsetUs: number): RequestRecord[] {
  return Array.from({ length: batch.count }, (_, index) => readRecord(batch, driver, offsetUs, index))
}

const fieldIndex = Object.fromEntries(wireFields.map((field, place) => [field, place])) as Record<WireField, number>

function readRecord({ rows, texts }: RecordRows, driver: number, offsetUs: number, index: number): RequestRecord {
  const from = index * wireFields.length
  const lane = lanes[rows[from + fieldIndex.lane]!]
  const outcome = outcomesOnWire[rows[from + fieldIndex.outcome]!]
  if (lane === undefined || outcome === undefined)
    throw new Fault('unknown', `Cannot read record ${index} of a batch: no such lane or outcome`)
  return {
    seq: rows[from + fieldIndex.seq]!,
    driver,
    lane,
    outcome,
    dueUs: rows[from + fieldIndex.due]! - offsetUs,
    sentUs: toNullable(rows[from + fieldIndex.sent]!, offsetUs),
    connectedUs: toNullable(rows[from + fieldIndex.connected]!, offsetUs),
    firstByteUs: toNullable(rows[from + fieldIndex.firstByte]!, offsetUs),
    settledUs: rows[from + fieldIndex.settled]! - offsetUs,
    status: toNullable(rows[from + fieldIndex.status]!, 0),
    connection: toNullable(rows[from + fieldIndex.connection]!, 0),
    use: rows[from + fieldIndex.use]!,
    idleUs: rows[from + fieldIndex.idle]!,
    bytes: rows[from + fieldIndex.bytes]!,
    pod: texts[rows[from + fieldIndex.pod]!] ?? null,
    previousPod: texts[rows[from + fieldIndex.previousPod]!] ?? null,
    localPort: toNullable(rows[from + fieldIndex.port]!, 0),
    detail: texts[rows[from + fieldIndex.detail]!] ?? null,
  }
}

function toNullable(value: number, originUs: number): number | null {
  return value < 0 ? null : value - originUs
}
