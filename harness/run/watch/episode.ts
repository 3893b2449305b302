/** One episode of a watch as a run: a directory with a plan and an event log, which begins some seconds before the first sign. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { createDirectory } from '../../base/files/durable-file.ts'
import { writePlan } from '../../log/plan-file.ts'
import { openLog } from '../../log/writer.ts'
import type { LogWriter } from '../../log/writer.ts'
import type { ObservedKind } from '../../model/disruptions/observed.ts'
import { defaultFullRecords } from '../../model/plan.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Step } from '../../model/step.ts'
import { computeUndisturbed, disruptOnce } from '../../model/steps/order.ts'
import type { Undisturbed } from '../../model/steps/order.ts'
import { classifyEpisode } from './classify-episode.ts'
import type { ReplacementSign } from './detect-replacement.ts'
import type { EpisodeStart } from './request-ring.ts'

export interface EpisodeOptions {
  /** 1, 2, … */
  number: number
  /** The plan of the watch. */
  plan: RunPlan
  /** The directory of the watch. */
  directory: string
  clock: Clock
  start: EpisodeStart
  /** When the disruption is assumed to have begun: before its first sign could be seen. */
  disruptUs: number
  sign: ReplacementSign
  /** The state with which a log begins. */
  known: readonly LogRecord[]
}

/** The ledger of an episode has exactly the requests numbered from `firstSeq` up to `endSeq`. */
export class Episode {
  readonly number: number
  readonly dir: string
  readonly start: EpisodeStart
  readonly disruptUs: number
  readonly signs: ReplacementSign[] = []
  /** Number of pods that were ready when it began. */
  readonly replicas: number
  /** Exclusive; infinite while it continues. */
  endSeq: number = Infinity
  endUs = 0
  /** Number of requests of all lanes in its log. */
  received = 0
  /** When the workload's latest loss in it settled. */
  lastLossUs = -Infinity
  /** Resolves when all its requests are in its log. */
  readonly settled: Promise<void>
  readonly #settle: () => void
  readonly #options: EpisodeOptions
  readonly #plan: RunPlan
  readonly #log: LogWriter
  readonly #undisturbed: Undisturbed
  #lost: string | null = null
  #isAtRest = false
  #hasFailed = false

  constructor(options: EpisodeOptions) {
    const { number, plan, directory, clock, start, disruptUs, sign, known } = options
    this.#options = options
    this.number = number
    this.dir = `episode-${String(number).padStart(4, '0')}`
    this.start = start
    this.disruptUs = disruptUs
    this.signs.push(sign)
    this.replicas = countReady(known, disruptUs)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.settled = promise
    this.#settle = resolve
    const { afterMs } = computeUndisturbed(plan.scenario.steps)
    this.#undisturbed = { beforeMs: Math.round((disruptUs - start.fromUs) / 1000), afterMs }
    this.#plan = {
      ...plan,
      runId: `${plan.runId}-e${number}`,
      round: number,
      firstSeq: start.firstSeq,
      scenario: {
        ...plan.scenario,
        replicas: this.replicas,
        steps: disruptOnce({ kind: 'observed', what: 'deletion' }, this.#undisturbed),
      },
    }
    const runDir = join(directory, this.dir)
    createDirectory(runDir)
    const planDigest = writePlan(runDir, this.#plan)
    const { drivers, fullRecords = defaultFullRecords } = plan
    this.#log = openLog(join(runDir, 'events.jsonl'), clock, { drivers, fullRecords })
    const wallClock = new Date(Date.now() - (clock.now() - start.fromUs) / 1000).toISOString()
    this.write({ type: 'begin', t: start.fromUs, schema: 1, runId: this.#plan.runId, planDigest, wallClock })
    for (const step of ['deploy-begin', 'deploy-ready', 'load-begin'] as const) this.#step(step, start.fromUs)
    this.#log.writeMany(known)
    this.#step('disrupt-begin', disruptUs, 'observed')
    this.#step('disrupt-end', disruptUs)
  }

  /** Requests of all lanes: those in its log, and those that were lost with a driver. */
  get count(): number {
    return this.#lost === null ? this.received : this.endSeq - this.start.firstSeq
  }

  owns({ seq }: Pick<RequestRecord, 'seq'>): boolean {
    return this.start.firstSeq <= seq && seq < this.endSeq
  }

  take(requests: readonly RequestRecord[]): void {
    for (const { lane, outcome, sentUs, settledUs } of requests) {
      if (lane !== 'control' && outcome !== 'ok' && sentUs !== null)
        this.lastLossUs = Math.max(this.lastLossUs, settledUs)
    }
    this.received += requests.length
    this.#log.writeMany(requests.map((request): LogRecord => ({ type: 'request', request })))
    this.#settleIfWhole()
  }

  write(record: LogRecord): void {
    this.#log.write(record)
  }

  /** When it returns, all its records are in the file. */
  flush(): void {
    this.#log.flush()
  }

  /** The workload has come to rest; the traffic continues. */
  rest(goneUs: number): void {
    this.#isAtRest = true
    this.#step('old-pods-gone', goneUs)
  }

  /** It has no verdict: the workload did not come to rest (`why`), or the watch was interrupted (`null`). The first call counts. */
  fail(why: string | null): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#step(why === null ? 'interrupted' : 'failed', this.#options.clock.now(), why)
  }

  /** Requests that are planned from now on do not belong to it. */
  endAt(atUs: number, endSeq: number): void {
    this.endUs = atUs
    this.endSeq = endSeq
    this.#step('load-stop', atUs)
    this.#settleIfWhole()
  }

  /** The driver is lost: requests that it has not reported by now stay unknown. */
  loseDriver(atUs: number, why: string, planned: number): void {
    this.#lost = why
    if (this.endSeq === Infinity) this.endAt(atUs, planned)
    this.#settle()
  }

  /** Call it once it has settled: closes the log and returns its kind. `ready`: number of pods that are ready now. */
  async close(ready: number, isDrained: boolean): Promise<ObservedKind> {
    const { clock, directory } = this.#options
    // Pods that are missing may still come.
    const after = this.#isAtRest ? ready : this.replicas
    const what = classifyEpisode(this.signs, { before: this.replicas, after }, isDrained)
    const plan: RunPlan = {
      ...this.#plan,
      scenario: {
        ...this.#plan.scenario,
        name: what,
        summary: this.signs[0]?.says ?? '',
        steps: disruptOnce({ kind: 'observed', what }, this.#undisturbed),
      },
    }
    const t = clock.now()
    this.write({ type: 'end', t, driver: 0, planned: this.endSeq, lost: this.#lost })
    this.write({ type: 'deployed', t, planDigest: writePlan(join(directory, this.dir), plan) })
    this.#step('load-end', t)
    this.#step('end', t)
    await this.#log.close()
    return what
  }

  #settleIfWhole(): void {
    if (this.received >= this.endSeq - this.start.firstSeq) this.#settle()
  }

  #step(step: Step, t: number, detail: string | null = null): void {
    this.write({ type: 'step', t, step, detail })
  }
}

/** The number of ready pods in a log's first records, counted as the judge does. */
function countReady(known: readonly LogRecord[], atUs: number): number {
  const ready = new Set<string>()
  for (const record of known) {
    if (record.type !== 'pod' || record.t > atUs) continue
    const { name, ready: isReady, terminating } = record.pod
    if (record.change === 'deleted' || terminating) ready.delete(name)
    else if (isReady) ready.add(name)
  }
  return ready.size
}

/** Only its result is kept. */
export function removeEpisode(directory: string, dir: string): void {
  rmSync(join(directory, dir), { recursive: true, force: true })
}
