/** The driver's records: columns of typed arrays in a ring, so that keeping a record makes no garbage. */
import { lanes } from '../model/plan.ts'
import type { Lane } from '../model/plan.ts'
import type { NotSent, Outcome } from '../model/record.ts'
import { fates } from './protocol.ts'
import type { WireColumns } from './protocol.ts'

const fateNumbers = new Map(fates.map((fate, number) => [fate, number]))
const laneNumbers = new Map(lanes.map((lane, number) => [lane, number]))

/** What is known of a request; times in µs of the driver's clock, -1 where it has not come so far, or never came. */
export class Story {
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
  protected takeUp(seq: number, dueUs: number, nowUs: number): void {
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

export interface LedgerSlice {
  first: number
  count: number
  baseUs: number
  columns: WireColumns
  texts: string[]
}

const timeFields = 5
const numberFields = 9
const textFields = 3

export class Ledger {
  readonly #capacity: number
  readonly #times: Float64Array
  readonly #numbers: Float64Array
  readonly #texts: (string | null)[]
  #settled = 0
  #acknowledged = 0

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#times = new Float64Array(capacity * timeFields)
    this.#numbers = new Float64Array(capacity * numberFields)
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

  add(request: Story, fate: Outcome | NotSent, settledUs: number, detail: string | null): void {
    if (this.room === 0) throw new Error('Cannot keep another record: the ledger is full')
    const slot = this.#settled++ % this.#capacity
    const times = this.#times
    const time = slot * timeFields
    times[time] = request.dueUs
    times[time + 1] = request.sentUs
    times[time + 2] = request.connectedUs
    times[time + 3] = request.firstByteUs
    times[time + 4] = settledUs
    const numbers = this.#numbers
    const number = slot * numberFields
    numbers[number] = request.seq
    numbers[number + 1] = laneNumbers.get(request.lane)!
    numbers[number + 2] = fateNumbers.get(fate)!
    numbers[number + 3] = request.status
    numbers[number + 4] = request.connection
    numbers[number + 5] = request.use
    numbers[number + 6] = request.idleUs
    numbers[number + 7] = request.bytes
    numbers[number + 8] = request.localPort
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
  slice(after: number, max: number): LedgerSlice {
    const count = Math.max(0, Math.min(max, this.#settled - after))
    const baseUs = count > 0 ? this.#times[(after % this.#capacity) * timeFields]! : 0
    const columns = emptyColumns()
    const texts = new Texts()
    for (let index = 0; index < count; index++) this.#copy((after + index) % this.#capacity, baseUs, columns, texts)
    return { first: after + 1, count, baseUs, columns, texts: texts.all }
  }

  #copy(slot: number, baseUs: number, columns: WireColumns, texts: Texts): void {
    const time = slot * timeFields
    const dueUs = this.#times[time]!
    const sentUs = this.#times[time + 1]!
    const since = (us: number, fromUs: number): number => (us < 0 ? -1 : us - fromUs)
    columns.due.push(dueUs - baseUs)
    columns.sent.push(since(sentUs, dueUs))
    columns.connected.push(since(this.#times[time + 2]!, sentUs))
    columns.firstByte.push(since(this.#times[time + 3]!, sentUs))
    columns.settled.push(this.#times[time + 4]! - dueUs)
    const number = slot * numberFields
    const numbers = this.#numbers
    columns.seq.push(numbers[number]!)
    columns.lane.push(numbers[number + 1]!)
    columns.outcome.push(numbers[number + 2]!)
    columns.status.push(numbers[number + 3]!)
    columns.connection.push(numbers[number + 4]!)
    columns.use.push(numbers[number + 5]!)
    columns.idle.push(numbers[number + 6]!)
    columns.bytes.push(numbers[number + 7]!)
    columns.port.push(numbers[number + 8]!)
    const text = slot * textFields
    columns.pod.push(texts.place(this.#texts[text]!))
    columns.previousPod.push(texts.place(this.#texts[text + 1]!))
    columns.detail.push(texts.place(this.#texts[text + 2]!))
  }
}

/** The texts of one batch, each once. */
class Texts {
  readonly all: string[] = []
  readonly #places = new Map<string, number>()

  place(text: string | null): number {
    if (text === null) return -1
    const known = this.#places.get(text)
    if (known !== undefined) return known
    this.#places.set(text, this.all.length)
    return this.all.push(text) - 1
  }
}

function emptyColumns(): WireColumns {
  return {
    seq: [],
    lane: [],
    outcome: [],
    due: [],
    sent: [],
    connected: [],
    firstByte: [],
    settled: [],
    status: [],
    connection: [],
    use: [],
    idle: [],
    bytes: [],
    port: [],
    pod: [],
    previousPod: [],
    detail: [],
  }
}
