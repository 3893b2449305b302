/** The driver's control port: what protocol.ts describes, on a small HTTP server. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { monotonicUs } from '../../base/clock.ts'
import { messageOf } from '../../base/fault.ts'
import { encodeBatch } from './batch.ts'
import { isAdmitted } from './credential.ts'
import type { Engine } from '../driver/engine.ts'
import { HealthMonitor } from '../driver/health-monitor.ts'
import { parsePlan } from './control-protocol.ts'
import type { DriverPlan } from './control-protocol.ts'
import { reach } from './probe-target.ts'
import { untilCalm } from '../machine/wait-until-quiet.ts'

const pollMs = 10
const bodyLimit = 65_536
const batchLimit = 5000
const waitLimitMs = 30_000
/** Pods have started when nothing has been late for so long. */
const calmMs = 1000
/** From the answer to `POST /start` to the schedule's origin. */
const startDelayUs = 20_000

export interface ControlOptions {
  /** Of the token that every call must have. */
  tokenSha256: string
  /** What sends the load of a plan. */
  engine: (plan: DriverPlan) => Engine
  /** What must be over before a plan is taken up; it goes on while the workload is still being deployed. */
  rehearsal: Promise<void>
  /** How long the driver waits, once the workload is up, until everything comes on time. */
  calmLimitMs: number
  /** A load whose records nobody asks for is nobody's: after this time it ends. */
  abandonedMs: number
  onAbandoned: () => void
}

/** The body is sent as JSON unless it is bytes. */
type Answer = { status: number; body: unknown }

export class Control {
  readonly server: Server
  readonly #options: ControlOptions
  readonly #health = new HealthMonitor()
  #planText = ''
  #plan: DriverPlan | null = null
  #driver: Engine | null = null
  #calm: Promise<boolean> | null = null
  #polledUs: number = monotonicUs()
  readonly #watchdog: NodeJS.Timeout

  constructor(options: ControlOptions) {
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
    this.#driver?.stop()
    this.#options.onAbandoned()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isAdmitted(request.headers, this.#options.tokenSha256)) return refuse(response)
    let answer: Answer
    try {
      answer = await this.#answer(request, new URL(request.url ?? '/', 'http://driver'))
    } catch (error) {
      answer = { status: 400, body: { error: messageOf(error) } }
    }
    send(response, answer)
  }

  async #answer(request: IncomingMessage, { pathname, searchParams }: URL): Promise<Answer> {
    switch (`${request.method} ${pathname}`) {
      case 'POST /plan':
        return this.#prepare(await bodyOf(request))
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
    if (this.#driver === null || this.#driver.startUs < 0) return 'idle'
    return this.#driver.done ? 'done' : 'running'
  }

  async #prepare(text: string): Promise<Answer> {
    const plan = parsePlan(text)
    if (text !== this.#planText) {
      if (this.#state() === 'running')
        return { status: 409, body: { error: 'Cannot take another plan: a load has begun' } }
      this.#planText = text
      this.#plan = plan
      this.#driver = this.#options.engine(plan)
    }
    await this.#options.rehearsal
    return { status: 200, body: {} }
  }

  async #reach(): Promise<Answer> {
    if (this.#plan === null) return { status: 409, body: { error: 'Cannot reach the workload: there is no plan yet' } }
    const complaint = await reach(this.#plan)
    if (complaint === null) await (this.#calm ??= untilCalm({ calmMs, limitMs: this.#options.calmLimitMs }))
    return { status: 200, body: { complaint } }
  }

  async #start(query: URLSearchParams): Promise<Answer> {
    if (this.#driver === null) return { status: 409, body: { error: 'Cannot start: there is no plan yet' } }
    await this.#options.rehearsal
    const nowUs = monotonicUs()
    const asked = query.has('atUs') ? count(query, 'atUs', Number.MAX_SAFE_INTEGER) : nowUs + startDelayUs
    this.#polledUs = nowUs
    this.#driver.start(Math.max(asked, nowUs))
    return { status: 200, body: { startUs: this.#driver.startUs } }
  }

  #stop(query: URLSearchParams): Answer {
    const driver = this.#driver
    if (!query.has('afterUs')) driver?.stop()
    else driver?.stop(driver.startUs + count(query, 'afterUs', Number.MAX_SAFE_INTEGER))
    return { status: 200, body: {} }
  }

  async #records(query: URLSearchParams): Promise<Answer> {
    const driver = this.#driver
    if (driver === null) return { status: 409, body: { error: 'Cannot give records: there is no plan yet' } }
    const after = count(query, 'after', Number.MAX_SAFE_INTEGER)
    const max = Math.max(1, count(query, 'max', batchLimit))
    const untilUs = monotonicUs() + count(query, 'waitMs', waitLimitMs) * 1000
    const { ledger } = driver
    if (after > ledger.settled) throw new Error(`Cannot give records after ${after}: there are ${ledger.settled}`)
    this.#polledUs = monotonicUs()
    ledger.acknowledge(after)
    while (ledger.settled - after < max && !driver.done && monotonicUs() < untilUs) await nap(pollMs)
    await driver.afterSending()
    this.#polledUs = monotonicUs()
    // A poll that was given up by its client and overtaken by another one.
    if (after < ledger.acknowledged) return { status: 410, body: { error: `Records after ${after} are acknowledged` } }
    return { status: 200, body: this.#batch(driver, after, max) }
  }

  #batch(driver: Engine, after: number, max: number): Buffer {
    const { runToken, driver: number } = this.#plan as DriverPlan
    const slice = driver.ledger.slice(after, max)
    const done = driver.done && after + slice.count === driver.ledger.settled
    const health = this.#health.read(driver)
    return encodeBatch({ ...slice, runToken, driver: number, planned: driver.planned, done, health })
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const bytes = body instanceof Buffer ? body : Buffer.from(JSON.stringify(body))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length })
  response.end(bytes)
}

/** The connection ends with it: nothing more of what a stranger sends is read. */
function refuse(response: ServerResponse): void {
  response.setHeader('connection', 'close')
  send(response, {
    status: 401,
    body: { error: 'Unauthorized: the token of the run that made this driver is missing' },
  })
}

function nap(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function count(query: URLSearchParams, name: string, limit: number): number {
  const text = query.get(name) ?? '0'
  if (!/^\d{1,16}$/.test(text)) throw new Error(`Cannot use ${name}=${text}: it must be a whole number`)
  return Math.min(Number(text), limit)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk as string
    if (text.length > bodyLimit) throw new Error(`Cannot take a body of more than ${bodyLimit} bytes`)
  }
  return text
}
