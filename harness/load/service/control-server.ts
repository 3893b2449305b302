/** The driver's control port: the protocol of control-protocol.ts on a small HTTP server. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { monotonicUs } from '../../base/clock.ts'
import { getErrorMessage } from '../../base/fault.ts'
import { encodeBatch } from './batch.ts'
import { isAuthorized } from './credential.ts'
import type { Accounting } from '../driver/accounting.ts'
import type { Engine } from '../driver/engine.ts'
import { HealthMonitor } from './health-monitor.ts'
import { maxPlanBytes, parseDriverPlan } from './control-protocol.ts'
import type { DriverPlan } from './control-protocol.ts'
import { probeTarget } from './probe-target.ts'
import { waitUntilQuiet } from '../machine/wait-until-quiet.ts'

const pollMs = 10
const batchLimit = 5000
const waitLimitMs = 30_000
/** Pods count as started when no wake-up was late for this long. */
const quietMs = 1000
/** From the answer to `POST /start` to the schedule's origin. */
const startDelayUs = 20_000

export interface ControlServerOptions {
  /** The SHA-256 of the token that every call must carry. */
  tokenSha256: string
  /** Creates the engine that sends the load of a plan. */
  createEngine: (plan: DriverPlan) => Engine
  /** Must be over before a plan is accepted; it runs while the workload is still being deployed. */
  warmUp: Promise<void>
  /** How long the driver waits, once the workload is up, until its wake-ups are on time. */
  quietLimitMs: number
  /** A load whose records are not requested for this time ends: it has been abandoned. */
  abandonedMs: number
  onAbandoned: () => void
}

/** The body is sent as JSON unless it is bytes. */
type ControlResponse = { status: number; body: unknown }

export class ControlServer {
  readonly server: Server
  readonly #options: ControlServerOptions
  readonly #health = new HealthMonitor()
  #planText = ''
  #plan: DriverPlan | null = null
  #engine: Engine | null = null
  #quiet: Promise<boolean> | null = null
  #polledUs: number = monotonicUs()
  readonly #watchdog: NodeJS.Timeout

  constructor(options: ControlServerOptions) {
    this.#options = options
    this.server = createServer((request, response) => void this.#serve(request, response))
    this.#watchdog = setInterval(() => this.#watch(), Math.min(1000, options.abandonedMs))
  }

  close(): void {
    clearInterval(this.#watchdog)
    this.#health.stop()
    this.server.close()
    this.server.closeAllConnections()
  }

  #watch(): void {
    if (this.#state() === 'idle' || monotonicUs() - this.#polledUs < this.#options.abandonedMs * 1000) return
    this.#engine?.stop()
    this.#options.onAbandoned()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isAuthorized(request.headers, this.#options.tokenSha256)) return rejectUnauthorized(response)
    let answer: ControlResponse
    try {
      answer = await this.#answer(request, new URL(request.url ?? '/', 'http://driver'))
    } catch (error) {
      answer = { status: 400, body: { error: getErrorMessage(error) } }
    }
    sendResponse(response, answer)
  }

  async #answer(request: IncomingMessage, { pathname, searchParams }: URL): Promise<ControlResponse> {
    switch (`${request.method} ${pathname}`) {
      case 'POST /plan':
        return this.#prepare(await readBody(request))
      case 'GET /reach':
        return this.#reach()
      case 'POST /start':
        return this.#start(searchParams)
      case 'POST /stop':
        return this.#stop(searchParams)
      case 'GET /records':
        return this.#records(searchParams)
      case 'GET /clock':
        return { status: 200, body: { us: monotonicUs() } }
      default:
        return {
          status: 404,
          body: { error: `Cannot ${request.method} ${pathname}: see harness/load/service/control-protocol.ts` },
        }
    }
  }

  #state(): 'idle' | 'running' | 'done' {
    if (this.#engine === null || this.#engine.startUs < 0) return 'idle'
    return this.#engine.accounting.isClosed ? 'done' : 'running'
  }

  async #prepare(text: string): Promise<ControlResponse> {
    const plan = parseDriverPlan(text)
    if (text !== this.#planText) {
      if (this.#state() === 'running')
        return { status: 409, body: { error: 'Cannot take another plan: a load has begun' } }
      this.#planText = text
      this.#plan = plan
      this.#engine = this.#options.createEngine(plan)
    }
    await this.#options.warmUp
    return { status: 200, body: {} }
  }

  async #reach(): Promise<ControlResponse> {
    if (this.#plan === null) return { status: 409, body: { error: 'Cannot reach the workload: there is no plan yet' } }
    const problem = await probeTarget(this.#plan)
    if (problem === null) await (this.#quiet ??= waitUntilQuiet({ quietMs, limitMs: this.#options.quietLimitMs }))
    return { status: 200, body: { problem } }
  }

  async #start(query: URLSearchParams): Promise<ControlResponse> {
    if (this.#engine === null) return { status: 409, body: { error: 'Cannot start: there is no plan yet' } }
    await this.#options.warmUp
    const nowUs = monotonicUs()
    const asked = query.has('atUs') ? readCount(query, 'atUs', Number.MAX_SAFE_INTEGER) : nowUs + startDelayUs
    this.#polledUs = nowUs
    this.#engine.start(Math.max(asked, nowUs))
    return { status: 200, body: { startUs: this.#engine.startUs } }
  }

  #stop(query: URLSearchParams): ControlResponse {
    const engine = this.#engine
    if (!query.has('afterUs')) engine?.stop()
    else engine?.stop(engine.startUs + readCount(query, 'afterUs', Number.MAX_SAFE_INTEGER))
    return { status: 200, body: {} }
  }

  async #records(query: URLSearchParams): Promise<ControlResponse> {
    const engine = this.#engine
    if (engine === null) return { status: 409, body: { error: 'Cannot give records: there is no plan yet' } }
    const after = readCount(query, 'after', Number.MAX_SAFE_INTEGER)
    const max = Math.max(1, readCount(query, 'max', batchLimit))
    const untilUs = monotonicUs() + readCount(query, 'waitMs', waitLimitMs) * 1000
    const { accounting } = engine
    const { records } = accounting
    if (after > records.settled) throw new Error(`Cannot give records after ${after}: there are ${records.settled}`)
    this.#polledUs = monotonicUs()
    records.acknowledge(after)
    while (records.settled - after < max && !accounting.isClosed && monotonicUs() < untilUs) await sleep(pollMs)
    await engine.afterSending()
    this.#polledUs = monotonicUs()
    // A poll that its client abandoned and a later one overtook.
    if (after < records.acknowledged) return { status: 410, body: { error: `Records after ${after} are acknowledged` } }
    return { status: 200, body: this.#batch(accounting, after, max) }
  }

  #batch(accounting: Accounting, after: number, max: number): Buffer {
    const { runToken, driver } = this.#plan as DriverPlan
    const { planned, isClosed, records } = accounting
    const slice = records.slice(after, max)
    const done = isClosed && after + slice.count === records.settled
    return encodeBatch({ ...slice, runToken, driver, planned, done, health: this.#health.read(accounting) })
  }
}

function sendResponse(response: ServerResponse, { status, body }: ControlResponse): void {
  const bytes = body instanceof Buffer ? body : Buffer.from(JSON.stringify(body))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length })
  response.end(bytes)
}

/** Closes the connection too: nothing more from an unauthorised client is read. */
function rejectUnauthorized(response: ServerResponse): void {
  response.setHeader('connection', 'close')
  sendResponse(response, {
    status: 401,
    body: { error: 'Unauthorized: the token of the run that made this driver is missing' },
  })
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function readCount(query: URLSearchParams, name: string, limit: number): number {
  const text = query.get(name) ?? '0'
  if (!/^\d{1,16}$/.test(text)) throw new Error(`Cannot use ${name}=${text}: it must be a whole number`)
  return Math.min(Number(text), limit)
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk as string
    if (text.length > maxPlanBytes) throw new Error(`Cannot take a body of more than ${maxPlanBytes} bytes`)
  }
  return text
}
