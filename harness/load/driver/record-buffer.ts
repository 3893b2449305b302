/** The driver's records: rows of one typed array, in a ring, so that keeping a record makes no garbage. */
import { lanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import type { NotSentReason, Outcome } from '../../model/record.ts'
import { outcomesOnWire, wireFields } from '../service/batch.ts'
import type { RecordRows } from '../service/batch.ts'

const fateNumbers = new Map(outcomesOnWire.map((fate, number) => [fate, number]))
const laneNumbers = new Map(lanes.map((lane, number) => [lane, number]))

/** What is known of a request; times in µs of the driver's clock, -1 where it has not come so far, or never came. */
export class RequestState {
  readonly lane: Lane
  connection: number
  seq = -1
  dueUs = -1
  sentUs = -1
  connectedUs = -1
  firstByteUs = -1
  status = -1
  use = 0
  idleUs = 0
  bytes = 0
  localPort = -1
  pod: string | null = null
  previousPod: string | null = null

  constructor(lane: Lane, connection = -1) {
    this.lane = lane
    this.connection = connection
  }

  /** Begins the story of the next request on the connection. */
  protected start(seq: number, dueUs: number, nowUs: number): void {
    this.seq = seq
    this.dueUs = dueUs
    this.sentUs = nowUs
    this.connectedUs = -1
    this.firstByteUs = -1
    this.status = -1
    this.use++
    this.idleUs = 0
    this.bytes = 0
    this.previousPod = this.pod ?? this.previousPod
    this.pod = null
  }
}

const rowLength = wireFields.length
const textFields = 3
/** Texts are the last fields of a row. */
const textsAt = rowLength - textFields

export class RecordBuffer {
  readonly #capacity: number
  readonly #rows: Float64Array
  readonly #texts: (string | null)[]
  #settled = 0
  #acknowledged = 0

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#rows = new Float64Array(capacity * rowLength)
    this.#texts = Array.from<string | null>({ length: capacity * textFields }).fill(null)
  }

  /** Number of the last record; they count from 1. */
  get settled(): number {
    return this.#settled
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  /** How many more records there is room for. */
  get room(): number {
    return this.#capacity - (this.#settled - this.#acknowledged)
  }

  /** The numbers are kept in the order of `wireFields`, as they go over the wire: giving them away is copying them. */
  add(request: RequestState, fate: Outcome | NotSentReason, settledUs: number, detail: string | null): void {
    if (this.room === 0) throw new Error('Cannot keep another record: the ledger is full')
    const slot = this.#settled++ % this.#capacity
    const rows = this.#rows
    const row = slot * rowLength
    rows[row] = request.seq
    rows[row + 1] = laneNumbers.get(request.lane)!
    rows[row + 2] = fateNumbers.get(fate)!
    rows[row + 3] = request.dueUs
    rows[row + 4] = request.sentUs
    rows[row + 5] = request.connectedUs
    rows[row + 6] = request.firstByteUs
    rows[row + 7] = settledUs
    rows[row + 8] = request.status
    rows[row + 9] = request.connection
    rows[row + 10] = request.use
    rows[row + 11] = request.idleUs
    rows[row + 12] = request.bytes
    rows[row + 13] = request.localPort
    const text = slot * textFields
    this.#texts[text] = request.pod
    this.#texts[text + 1] = request.previousPod
    this.#texts[text + 2] = detail
  }

  /** Forgets the records up to number `after`. */
  acknowledge(after: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(after, this.#settled))
  }

  /** The records after number `after`, at most `max`. */
  slice(after: number, max: number): RecordRows {
    const count = Math.max(0, Math.min(max, this.#settled - after))
    const rows = this.#copy(after, count)
    const texts = new TextTable()
    for (let index = 0; index < count; index++) {
      const text = ((after + index) % this.#capacity) * textFields
      const row = index * rowLength + textsAt
      for (let field = 0; field < textFields; field++) rows[row + field] = texts.indexOf(this.#texts[text + field]!)
    }
    return { first: after + 1, count, rows, texts: texts.all }
  }

  #copy(after: number, count: number): Float64Array {
    const from = (after % this.#capacity) * rowLength
    const upToEnd = this.#rows.subarray(from, from + count * rowLength)
    const rows = new Float64Array(count * rowLength)
    rows.set(upToEnd)
    rows.set(this.#rows.subarray(0, rows.length - upToEnd.length), upToEnd.length)
    return rows
  }
}

/** The texts of one batch, each once. */
class TextTable {
  readonly all: string[] = []
  readonly #places = new Map<string, number>()

  indexOf(text: string | null): number {
    if (text === null) return -1
    const known = this.#places.get(text)
    if (known !== undefined) return known
    this.#places.set(text, this.all.length)
    return this.all.push(text) - 1
  }
}
