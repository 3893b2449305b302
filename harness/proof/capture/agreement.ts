/** Holds what the driver recorded of each request against what a capture shows of it. */
import { outcomes } from '../../model/record.ts'
import type { Outcome, RequestRecord } from '../../model/record.ts'
import { listExchanges, classifyUnsent } from './exchange.ts'
import type { Flow } from './flow.ts'

export interface Difference {
  /** The request's `x-request-id`, or where a connection came from that carried none. */
  id: string
  /** What the log has; `null` when it has no such request. */
  logged: Outcome | null
  /** What the capture has, see `Exchange`; empty when it has no such request. */
  captured: Outcome[]
}

export interface Agreement {
  /** Requests that were sent, as the log has them. */
  requests: number
  /** Of these, by outcome, those that are lost in the log; and of those, the ones that the capture shows to be lost in the same way. */
  losses: Partial<Record<Outcome, { logged: number; agreeing: number }>>
  /** Of the agreeing losses, those of which the capture leaves open which of two kinds they are: FIN and RST both came. */
  either: number
  /** Losses in the log that the capture does not have, or has as another kind. */
  disagreeing: Difference[]
  /** Losses in the capture that the log does not have. */
  unlogged: Difference[]
  /** Requests that left more than once. */
  sentTwice: string[]
}

/** For one driver's records, and the connections that its pod asked for. `idPrefix` is that of its requests: see `formatIdPrefix`. */
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

/** The requests of a capture by their ids, and its connections by the numbers that the driver gave them. */
class CaptureIndex {
  readonly repeated: string[] = []
  readonly #byId = new Map<string, { flow: Flow; fates: Outcome[] }>()
  /** Those to where requests of the driver went: others are of its start, and of probes. */
  readonly #flows: readonly Flow[]
  /** Connections that carried a request that tells its number, in their order: the place among the flows, less the number. */
  readonly #anchors: { connection: number; shift: number }[] = []
  /** Those that carried no request, less those that a request of the log was for. */
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

  /** Connections are numbered in the order in which the driver asks for them, which is that of their first SYNs. */
  numberConnections(records: readonly RequestRecord[], idPrefix: string): void {
    const places = new Map(this.#flows.map((flow, place) => [flow, place]))
    for (const { seq, connection } of records) {
      const flow = this.#byId.get(`${idPrefix}${seq}`)?.flow
      const place = flow && places.get(flow)
      if (place !== undefined && connection !== null) this.#anchors.push({ connection, shift: place - connection })
    }
    this.#anchors.sort((a, b) => a.connection - b.connection)
  }

  /** Of a request that never left, the fate of its connection; `record` is what the log has of it. */
  getFates(id: string, record: RequestRecord | null): Outcome[] {
    const own = this.#byId.get(id)
    if (own) return own.fates
    const flow = record?.connection == null ? null : this.#flowOf(record.connection)
    // The driver may know the port as well: then both must say the same.
    const isOther = record?.localPort != null && !flow?.client.endsWith(`:${record.localPort}`)
    if (!flow || isOther) return []
    this.#silent.delete(flow)
    return classifyUnsent(flow)
  }

  /** Connections of the load, from its first on, that no request of the log was for. */
  listUnclaimed(): Flow[] {
    const [first] = this.#anchors
    return first ? this.#flows.slice(first.connection + first.shift).filter((flow) => this.#silent.has(flow)) : []
  }

  #flowOf(connection: number): Flow | null {
    const before = this.#anchors.findLast((anchor) => anchor.connection <= connection)
    const after = this.#anchors.find((anchor) => anchor.connection >= connection)
    const shift = (before ?? after)?.shift
    // A connection that was asked for without a SYN, for want of a port, would put all after it out of step.
    if (shift === undefined || (before && after && before.shift !== after.shift)) return null
    return this.#flows[connection + shift] ?? null
  }
}

/** Whether log and capture agree about every request. */
export function isFullAgreement({ disagreeing, unlogged, sentTwice }: Agreement): boolean {
  return disagreeing.length + unlogged.length + sentTwice.length === 0
}

/** For people, a line each: what agrees by kind, then each difference. */
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
