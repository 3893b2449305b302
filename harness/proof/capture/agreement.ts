/** Compares the driver's record of each request with a capture. */
import { outcomes } from '../../model/record.ts'
import type { Outcome, RequestRecord } from '../../model/record.ts'
import { listExchanges, classifyUnsent } from './exchange.ts'
import type { Flow } from './flow.ts'

export interface Difference {
  /** The request's `x-request-id`, or the source of a connection without one. */
  id: string
  /** The outcome in the log; `null` if it has no such request. */
  logged: Outcome | null
  /** The possible outcomes in the capture, see `Exchange`; empty if it has no such request. */
  captured: Outcome[]
}

export interface Agreement {
  /** Number of sent requests in the log. */
  requests: number
  /** Lost requests in the log by outcome, and how many of them the capture shows as lost in the same way. */
  losses: Partial<Record<Outcome, { logged: number; agreeing: number }>>
  /** Number of agreeing losses with two possible kinds in the capture: FIN and RST both came. */
  either: number
  /** Losses in the log that the capture lacks, or has as another kind. */
  disagreeing: Difference[]
  /** Losses in the capture that the log lacks. */
  unlogged: Difference[]
  /** Requests that were sent more than once. */
  sentTwice: string[]
}

/** For one driver's records and its pod's connections. `idPrefix`: that of its requests, see `formatIdPrefix`. */
export function compareCapture(records: Iterable<RequestRecord>, flows: readonly Flow[], idPrefix: string): Agreement {
  const captured = new CaptureIndex(flows, idPrefix)
  const agreement: Agreement = {
    requests: 0,
    losses: {},
    either: 0,
    disagreeing: [],
    unlogged: [],
    sentTwice: captured.repeated,
  }
  const all = [...records].filter(({ sentUs }) => sentUs !== null)
  captured.numberConnections(all, idPrefix)
  const unseen = new Set(captured.ids)
  for (const record of all) {
    const id = `${idPrefix}${record.seq}`
    unseen.delete(id)
    addRequest(agreement, { id, logged: record.outcome as Outcome, captured: captured.getFates(id, record) })
  }
  for (const id of unseen) {
    const fates = captured.getFates(id, null)
    if (!fates.includes('ok')) agreement.unlogged.push({ id, logged: null, captured: fates })
  }
  for (const flow of captured.listUnclaimed()) {
    agreement.unlogged.push({ id: flow.client, logged: null, captured: classifyUnsent(flow) })
  }
  return agreement
}

function addRequest(agreement: Agreement, difference: Difference): void {
  const { logged, captured } = difference
  agreement.requests++
  if (logged === null) return
  const agrees = captured.includes(logged)
  if (logged === 'ok') {
    if (!agrees) agreement.unlogged.push(difference)
    return
  }
  const kind = (agreement.losses[logged] ??= { logged: 0, agreeing: 0 })
  kind.logged++
  if (!agrees) agreement.disagreeing.push(difference)
  else {
    kind.agreeing++
    if (captured.length > 1) agreement.either++
  }
}

/** The requests of a capture by their ids, and its connections by the driver's numbers. */
class CaptureIndex {
  readonly repeated: string[] = []
  readonly #byId = new Map<string, { flow: Flow; fates: Outcome[] }>()
  /** Connections to the targets of the driver's requests: others belong to its start, and to probes. */
  readonly #flows: readonly Flow[]
  /** Connections with a request that reveals their number, in order: their index among the flows, minus the number. */
  readonly #anchors: { connection: number; shift: number }[] = []
  /** Connections without a request, minus those that a request of the log was for. */
  readonly #silent = new Set<Flow>()

  constructor(flows: readonly Flow[], idPrefix: string) {
    for (const flow of flows) {
      const exchanges = listExchanges(flow)
      if (exchanges.length === 0) this.#silent.add(flow)
      for (const { id, fates } of exchanges) {
        if (!id.startsWith(idPrefix)) continue
        if (this.#byId.has(id)) this.repeated.push(id)
        else this.#byId.set(id, { flow, fates })
      }
    }
    const servers = new Set([...this.#byId.values()].map(({ flow }) => flow.server))
    this.#flows = flows.filter(({ server }) => servers.has(server))
  }

  get ids(): Iterable<string> {
    return this.#byId.keys()
  }

  /** Connections are numbered in the order in which the driver opens them, which is that of their first SYNs. */
  numberConnections(records: readonly RequestRecord[], idPrefix: string): void {
    const places = new Map(this.#flows.map((flow, place) => [flow, place]))
    for (const { seq, connection } of records) {
      const flow = this.#byId.get(`${idPrefix}${seq}`)?.flow
      const place = flow && places.get(flow)
      if (place !== undefined && connection !== null) this.#anchors.push({ connection, shift: place - connection })
    }
    this.#anchors.sort((a, b) => a.connection - b.connection)
  }

  /** For a request that was never sent, the fate of its connection; `record` is its record in the log. */
  getFates(id: string, record: RequestRecord | null): Outcome[] {
    const own = this.#byId.get(id)
    if (own) return own.fates
    const flow = record?.connection == null ? null : this.#flowOf(record.connection)
    // If the driver knows the port too, both must agree.
    const isOther = record?.localPort != null && !flow?.client.endsWith(`:${record.localPort}`)
    if (!flow || isOther) return []
    this.#silent.delete(flow)
    return classifyUnsent(flow)
  }

  /** Connections of the load, from its first on, that belong to no request of the log. */
  listUnclaimed(): Flow[] {
    const [first] = this.#anchors
    return first ? this.#flows.slice(first.connection + first.shift).filter((flow) => this.#silent.has(flow)) : []
  }

  #flowOf(connection: number): Flow | null {
    const before = this.#anchors.findLast((anchor) => anchor.connection <= connection)
    const after = this.#anchors.find((anchor) => anchor.connection >= connection)
    const shift = (before ?? after)?.shift
    // A connection without a SYN, for lack of a port, would shift all later numbers.
    if (shift === undefined || (before && after && before.shift !== after.shift)) return null
    return this.#flows[connection + shift] ?? null
  }
}

/** Whether log and capture agree about every request. */
export function isFullAgreement({ disagreeing, unlogged, sentTwice }: Agreement): boolean {
  return disagreeing.length + unlogged.length + sentTwice.length === 0
}

/** For people, a line each: the agreement by kind, then each difference. */
export function formatAgreement({ requests, losses, either, disagreeing, unlogged, sentTwice }: Agreement): string[] {
  const formatDifference = ({ id, logged, captured }: Difference): string =>
    `  ${id}: ${logged ?? 'absent'} in the log, ${captured.join(' or ') || 'absent'} in the capture`
  const kinds = outcomes.flatMap((outcome) => {
    const kind = losses[outcome]
    return kind ? [`${outcome} ${kind.agreeing} of ${kind.logged}`] : []
  })
  const sumKinds = (which: 'logged' | 'agreeing'): number =>
    Object.values(losses).reduce((sum, kind) => sum + kind[which], 0)
  return [
    `${requests} requests, ${sumKinds('logged')} lost in the log, of which the capture shows ${sumKinds('agreeing')} as the same kind`,
    ...(kinds.length > 0 ? [`  ${kinds.join(', ')}; of ${either} both FIN and RST came`] : []),
    `${disagreeing.length} lost otherwise or not at all by the capture`,
    ...disagreeing.map(formatDifference),
    `${unlogged.length} lost in the capture and not in the log`,
    ...unlogged.map(formatDifference),
    `${sentTwice.length} sent twice`,
    ...sentTwice.map((id) => `  ${id}`),
  ]
}
