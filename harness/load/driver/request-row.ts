/**
 * A request as a row of numbers, as the driver keeps it and sends it to the harness: `requestFields` in their order, but for the driver,
 * which has its batches to itself. Times are µs of the driver's clock, -1 stands for `null`, lanes and outcomes are numbered by
 * their place in their lists, and texts by their place among those of the batch.
 */
import { Fault } from '../../base/fault.ts'
import { lanes } from '../../model/plan.ts'
import { requestFields, requestOutcomes } from '../../model/record.ts'
import type { RequestField, RequestFieldName, RequestRecord } from '../../model/record.ts'

type RowField = Exclude<RequestField, { name: 'driver' }>
type NumberName = Exclude<RequestFieldName<'count' | 'instant' | 'duration'>, 'driver'>
type TextName = RequestFieldName<'text'>

/** What goes into a row: the values of the record, with -1 for `null` in numbers. */
export type RowValues = Readonly<Record<NumberName, number> & Pick<RequestRecord, 'lane' | 'outcome' | TextName>>

const rowFields = requestFields.filter((field): field is RowField => field.name !== 'driver')
const columns = rowFields.map((field, place) => ({ field, place }))
const numberColumns = columns.flatMap(({ field: { name, kind }, place }) =>
  kind === 'count' || kind === 'instant' || kind === 'duration' ? [{ name, place }] : [],
)
/** Texts are kept beside the rows. */
export const textColumns: readonly { name: TextName; place: number }[] = columns.flatMap(
  ({ field: { name, kind }, place }) => (kind === 'text' ? [{ name, place }] : []),
)
const [lanePlace, outcomePlace] = (['lane', 'outcome'] as const).map((name) =>
  rowFields.findIndex((field) => field.name === name),
) as [number, number]
const laneNumbers = new Map(lanes.map((lane, number) => [lane, number]))
const outcomeNumbers = new Map(requestOutcomes.map((outcome, number) => [outcome, number]))

/** Statements made from the columns: a loop over their names takes ten times as long, and this is done for each request that is sent. */
// oxlint-disable-next-line typescript/no-implied-eval -- names of fields and nothing else
const writeNumbers = new Function(
  'rows',
  'offset',
  'values',
  numberColumns.map(({ name, place }) => `rows[offset + ${place}] = values.${name}`).join('\n'),
) as typeof writeRow

/** So many numbers make a row. */
export const rowLength: number = rowFields.length
/** What the numbers are: rows of other columns cannot be read. */
export const rowColumns: readonly string[] = rowFields.map(({ name }) => name)

/** Puts all but the texts into the row that begins at `offset`. */
export function writeRow(rows: Float64Array, offset: number, values: RowValues): void {
  writeNumbers(rows, offset, values)
  rows[offset + lanePlace] = laneNumbers.get(values.lane)!
  rows[offset + outcomePlace] = outcomeNumbers.get(values.outcome)!
}

/** Consecutive records in the order in which they settled. */
export interface RecordRows {
  /** Number of the first of them; they count from 1. */
  first: number
  count: number
  /** One row after another. */
  rows: Float64Array
  texts: string[]
}

/** `offsetUs`: how far the driver's clock runs ahead of the run's. */
export function toRecords(batch: RecordRows, driver: number, offsetUs: number): RequestRecord[] {
  return Array.from({ length: batch.count }, (_, index) => readRow(batch, index, { driver, offsetUs }))
}

function readRow(
  { rows, texts }: RecordRows,
  index: number,
  { driver, offsetUs }: { driver: number; offsetUs: number },
): RequestRecord {
  const record: Record<string, unknown> = { driver }
  for (const { field, place } of columns) {
    const number = rows[index * rowLength + place]!
    const value = readValue(field, number, texts)
    if (value === undefined) throw new Fault('unknown', `Cannot read record ${index} of a batch: no such ${field.name}`)
    record[field.name] = field.kind === 'instant' && value !== null ? number - offsetUs : value
  }
  return record as RequestRecord
}

/** `undefined` for a number that stands for nothing. */
function readValue({ kind, nullable }: RowField, number: number, texts: readonly string[]): unknown {
  if (number < 0) return nullable ? null : undefined
  switch (kind) {
    case 'lane':
      return lanes[number]
    case 'outcome':
      return requestOutcomes[number]
    case 'text':
      return texts[number]
    case 'count':
    case 'duration':
    case 'instant':
    default:
      return number
  }
}
