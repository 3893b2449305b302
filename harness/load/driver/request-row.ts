/**
 * A request as a row of numbers, as the driver keeps it and sends it to the harness: `requestFields` in their order, but for the driver,
 * which has its batches to itself. Times are µs of the driver's clock, -1 stands for `null`, lanes and outcomes are numbered by
 * their place in their lists, and texts by their place among those of the batch.
 */
import { Fault } from '../../base/fault.ts'
import { compileFunction } from '../../model/compile-function.ts'
import { lanes } from '../../model/plan.ts'
import { requestFields, requestOutcomes } from '../../model/record.ts'
import type { RequestField, RequestFieldName, RequestRecord } from '../../model/record.ts'

type RowField = Exclude<RequestField, { name: 'driver' }>
type NumberName = Exclude<RequestFieldName<'count' | 'instant' | 'duration'>, 'driver'>
type TextName = RequestFieldName<'text'>

/** What goes into a row: the values of the record, with -1 for `null` in numbers. */
export type RowValues = Readonly<Record<NumberName, number> & Pick<RequestRecord, 'lane' | 'outcome' | TextName>>

const rowFields = requestFields.filter((field): field is RowField => field.name !== 'driver')
const textNames = rowFields.flatMap(({ name, kind }) => (kind === 'text' ? [name] : []))

/** So many numbers make a row. */
export const rowLength: number = rowFields.length
/** What the numbers are: rows of other columns cannot be read. */
export const rowColumns: readonly string[] = rowFields.map(({ name }) => name)
/** Where in a row the texts are, which are kept beside it. */
export const textPlaces: readonly number[] = rowFields.flatMap(({ kind }, place) => (kind === 'text' ? [place] : []))

const scope = {
  lanes,
  outcomes: requestOutcomes,
  laneNumbers: new Map(lanes.map((lane, number) => [lane, number])),
  outcomeNumbers: new Map(requestOutcomes.map((outcome, number) => [outcome, number])),
  rejectValue,
}

/** Puts all but the texts into the row that begins at `offset`. */
export const writeRow = compileFunction(['rows', 'offset', 'values'], rowFields.map(writeField), scope) as (
  rows: Float64Array,
  offset: number,
  values: RowValues,
) => void

/** Puts the texts, in the order of `textPlaces`, where they begin at `offset`. */
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

/** `offsetUs`: how far the driver's clock runs ahead of the run's. Throws a Fault for a number that stands for nothing. */
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
