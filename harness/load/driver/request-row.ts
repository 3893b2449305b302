/**
 * A request as a row of numbers, as the driver stores it and sends it to the harness. The columns are `requestFields` in their order,
 * without the driver, which is the same for a whole batch. Times are µs of the driver's clock and -1 stands for `null`. Lanes and outcomes
 * are indexes into their lists, texts are indexes into the texts of the batch.
 */
import { Fault } from '../../base/fault.ts'
import { compileFunction } from '../../model/compile-function.ts'
import { lanes } from '../../model/plan.ts'
import { requestFields, requestOutcomes } from '../../model/record.ts'
import type { RequestField, RequestFieldName, RequestRecord } from '../../model/record.ts'

type RowField = Exclude<RequestField, { name: 'driver' }>
type NumberName = Exclude<RequestFieldName<'count' | 'instant' | 'duration'>, 'driver'>
type TextName = RequestFieldName<'text'>

/** The values that go into a row: those of the record, with -1 for `null` in numbers. */
export type RowValues = Readonly<Record<NumberName, number> & Pick<RequestRecord, 'lane' | 'outcome' | TextName>>

const rowFields = requestFields.filter((field): field is RowField => field.name !== 'driver')
const textNames = rowFields.flatMap(({ name, kind }) => (kind === 'text' ? [name] : []))

/** The number of numbers in a row. */
export const rowLength: number = rowFields.length
/** The names of the columns: rows with other columns cannot be read. */
export const rowColumns: readonly string[] = rowFields.map(({ name }) => name)
/** The columns of a row that hold texts, which are stored beside it. */
export const textPlaces: readonly number[] = rowFields.flatMap(({ kind }, place) => (kind === 'text' ? [place] : []))

const scope = {
  lanes,
  outcomes: requestOutcomes,
  laneNumbers: new Map(lanes.map((lane, number) => [lane, number])),
  outcomeNumbers: new Map(requestOutcomes.map((outcome, number) => [outcome, number])),
  rejectValue,
}

/** Writes all fields except the texts into the row that begins at `offset`. */
export const writeRow = compileFunction(['rows', 'offset', 'values'], rowFields.map(writeField), scope) as (
  rows: Float64Array,
  offset: number,
  values: RowValues,
) => void

/** Writes the texts, in the order of `textPlaces`, from `offset` on. */
export const writeTexts = compileFunction(
  ['texts', 'offset', 'values'],
  textNames.map((name, index) => `texts[offset + ${index}] = values.${name}`),
) as (texts: (string | null)[], offset: number, values: RowValues) => void

/** Consecutive records in the order in which they settled. */
export interface RecordRows {
  /** Number of the first of them; they count from 1. */
  first: number
  count: number
  /** One row after another. */
  rows: Float64Array
  texts: string[]
}

/** `offsetUs`: how far the driver's clock is ahead of the run's. Throws a Fault for an index that is not in its list. */
export function toRecords(batch: RecordRows, driver: number, offsetUs: number): RequestRecord[] {
  const origin = { driver, offsetUs }
  return Array.from({ length: batch.count }, (_, index) => readRow(batch, index, origin))
}

const readRow = compileFunction(
  ['{ rows, texts }', 'index', '{ driver, offsetUs }'],
  [
    `const offset = index * ${rowLength}`,
    ...rowFields.map(readField),
    `return { ${requestFields.map(({ name }) => name).join(', ')} }`,
  ],
  scope,
) as (batch: RecordRows, index: number, origin: { driver: number; offsetUs: number }) => RequestRecord

function writeField({ name, kind }: RowField, place: number): string {
  const numbers: Record<RowField['kind'], string | null> = {
    count: `values.${name}`,
    duration: `values.${name}`,
    instant: `values.${name}`,
    text: null,
    lane: `laneNumbers.get(values.${name})`,
    outcome: `outcomeNumbers.get(values.${name})`,
  }
  const number = numbers[kind]
  return number === null ? '' : `rows[offset + ${place}] = ${number}`
}

function readField({ name, kind, nullable }: RowField, place: number): string {
  const values: Record<RowField['kind'], string> = {
    count: name,
    duration: name,
    instant: `${name} - offsetUs`,
    text: `texts[${name}]`,
    lane: `lanes[${name}]`,
    outcome: `outcomes[${name}]`,
  }
  return `let ${name} = rows[offset + ${place}]
${name} = ${name} < 0 ? ${nullable ? 'null' : 'undefined'} : ${values[kind]}
if (${name} === undefined) rejectValue(index, '${name}')`
}

function rejectValue(index: number, name: string): never {
  throw new Fault('unknown', `Cannot read record ${index} of a batch: no such ${name}`)
}
