/**
 * Records on their way from the driver to the harness. They are copied as they lie in the driver's memory: turning each number
 * into text would hold up the driver, and with it the load, for a millisecond and more at every batch.
 */
import { endianness } from 'node:os'
import { Fault } from '../fault.ts'
import { lanes } from '../model/plan.ts'
import { notSentReasons, outcomes } from '../model/record.ts'
import type { DriverHealth, NotSent, Outcome, RequestRecord } from '../model/record.ts'
import { protocolVersion } from './protocol.ts'

/** Outcomes, and reasons for not sending, by their number on the wire; lanes are numbered by their place in `lanes`. */
export const fates: readonly (Outcome | NotSent)[] = [...outcomes, ...notSentReasons]

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
export interface Rows {
  /** Number of the first of them; they count from 1. */
  first: number
  count: number
  /** One after another, each as many numbers as there are `wireFields`. */
  rows: Float64Array
  texts: string[]
}

/** What the driver answers to `GET /records`. */
export interface Batch extends Rows {
  runToken: string
  driver: number
  /** Instants that became due so far. */
  planned: number
  /** Every planned instant is settled and this batch has the last of the records. */
  done: boolean
  health: DriverHealth
}

interface Head extends Omit<Batch, 'rows'> {
  version: number
  /** Of the driver's machine. */
  byteOrder: 'LE' | 'BE'
}

/** A line of JSON, then the rows as they are in memory, in base64. */
export function encodeBatch({ rows, ...rest }: Batch): Buffer {
  const head: Head = { version: protocolVersion, byteOrder: endianness(), ...rest }
  const bytes = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength)
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), Buffer.from(bytes.toString('base64'), 'latin1')])
}

/** Throws a Fault for a driver of another version, and an Error for a text that is not whole. */
export function decodeBatch(text: string): Batch {
  const end = text.indexOf('\n')
  const { version, byteOrder, ...rest } = JSON.parse(end < 0 ? text : text.slice(0, end)) as Head
  if (version !== protocolVersion)
    throw new Fault(
      'unknown',
      `Cannot read the load driver's records: their version is ${version}, not ${protocolVersion}`,
    )
  const bytes = Buffer.from(text.slice(end + 1), 'base64')
  const rows = new Float64Array(rest.count * wireFields.length)
  if (bytes.length !== rows.byteLength)
    throw new Error(`Cannot read a batch of ${rest.count} records: ${bytes.length} bytes instead of ${rows.byteLength}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < rows.length; at++) rows[at] = view.getFloat64(at * 8, byteOrder === 'LE')
  return { ...rest, rows }
}

/** `offsetUs`: how far the driver's clock runs ahead of the run's. */
export function toRecords(batch: Rows, driver: number, offsetUs: number): RequestRecord[] {
  return Array.from({ length: batch.count }, (_, index) => recordAt(batch, driver, offsetUs, index))
}

const places = Object.fromEntries(wireFields.map((field, place) => [field, place])) as Record<WireField, number>

function recordAt({ rows, texts }: Rows, driver: number, offsetUs: number, index: number): RequestRecord {
  const at = index * wireFields.length
  const number = (field: WireField): number => rows[at + places[field]]!
  const nullable = (field: WireField): number | null => (number(field) < 0 ? null : number(field))
  const time = (field: WireField): number | null => (number(field) < 0 ? null : number(field) - offsetUs)
  const text = (field: 'pod' | 'previousPod' | 'detail'): string | null => texts[number(field)] ?? null
  const lane = lanes[number('lane')]
  const outcome = fates[number('outcome')]
  if (lane === undefined || outcome === undefined)
    throw new Fault('unknown', `Cannot read record ${index} of a batch: no such lane or outcome`)
  return {
    seq: number('seq'),
    driver,
    lane,
    outcome,
    dueUs: number('due') - offsetUs,
    sentUs: time('sent'),
    connectedUs: time('connected'),
    firstByteUs: time('firstByte'),
    settledUs: number('settled') - offsetUs,
    status: nullable('status'),
    connection: nullable('connection'),
    use: number('use'),
    idleUs: number('idle'),
    bytes: number('bytes'),
    pod: text('pod'),
    previousPod: text('previousPod'),
    localPort: nullable('port'),
    detail: text('detail'),
  }
}
