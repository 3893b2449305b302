/** The present state of a run, as a fold over the records of its log. */
import { computeQuantiles } from '../judge/figures/quantiles.ts'
import { HistogramAccumulator, toBucket } from '../model/histogram.ts'
import type { LogRecord, PodSnapshot, RequestRecord } from '../model/record.ts'
import type { Step } from '../model/step.ts'

const rateWindowUs = 2_000_000
const secondUs = 1_000_000

const phaseTexts: Record<Exclude<Step, 'step-begin' | 'step-end'>, string> = {
  'deploy-begin': 'starting pods',
  'deploy-ready': 'pods are ready',
  'load-begin': 'load, undisturbed',
  'disrupt-begin': 'disrupting',
  'disrupt-end': 'waiting for old pods to terminate',
  'old-pods-gone': 'load, undisturbed again',
  'load-stop': 'letting requests in flight finish',
  'load-end': 'cleaning up',
  interrupted: 'interrupted',
  failed: 'failed',
  end: 'done',
}

/** `null` for a step that begins no new phase. */
function describePhase({ step, detail }: Extract<LogRecord, { type: 'step' }>): string | null {
  if (step === 'step-end') return null
  if (step !== 'step-begin') return phaseTexts[step] + (detail === null ? '' : `: ${detail}`)
  if (detail === 'steady') return null
  return detail === 'until-settled' ? phaseTexts['disrupt-end'] : `${phaseTexts['disrupt-begin']}: ${detail}`
}

export type PodState = (typeof podStates)[number]
export const podStates = ['ready', 'starting', 'terminating'] as const

export class LiveRun {
  phase = 'starting'
  settled = 0
  lost = 0
  /** Lost requests by the second in which they were due, from the first request on. */
  readonly lostBySecond: number[] = []
  readonly #outcomes = new Map<string, number>()
  readonly #pods = new Map<string, PodSnapshot>()
  readonly #latencies = new HistogramAccumulator()
  #firstDueUs: number | null = null
  #recent: number[] = []

  addRecord(record: LogRecord): void {
    if (record.type === 'step') this.phase = describePhase(record) ?? this.phase
    else if (record.type === 'pod') this.#addPod(record.change, record.pod)
    else if (record.type === 'request' && isWorkloadRequest(record.request)) this.#addRequest(record.request)
  }

  /** Requests per second that were sent in the last two seconds. */
  get rate(): number {
    const last = this.#recent.at(-1) ?? 0
    this.#recent = this.#recent.filter((sentUs) => sentUs > last - rateWindowUs)
    return Math.round(this.#recent.length / (rateWindowUs / secondUs))
  }

  /** For all good answers so far; `null` while there are too few. */
  get p99Us(): number | null {
    return computeQuantiles(new Float64Array(), this.#latencies.toHistogram()).p99Us
  }

  /** The number of pods in each state. */
  get pods(): Record<PodState, number> {
    const counts = { ready: 0, starting: 0, terminating: 0 }
    for (const pod of this.#pods.values()) counts[getPodState(pod)]++
    return counts
  }

  /** `12 refused, 3 http-5xx`, most frequent first. */
  get losses(): string {
    const all = [...this.#outcomes].sort((a, b) => b[1] - a[1])
    return all.map(([outcome, count]) => `${count} ${outcome}`).join(', ')
  }

  #addPod(change: 'added' | 'modified' | 'deleted', pod: PodSnapshot): void {
    if (change === 'deleted') this.#pods.delete(pod.name)
    else this.#pods.set(pod.name, pod)
  }

  #addRequest({ outcome, sentUs, dueUs, settledUs }: RequestRecord): void {
    this.settled++
    this.#recent.push(sentUs ?? 0)
    if (this.#recent.length > 50_000) this.#recent = this.#recent.slice(-25_000)
    this.#firstDueUs ??= dueUs
    // With several drivers, the first record need not be of the first request.
    const second = Math.max(0, Math.floor((dueUs - this.#firstDueUs) / secondUs))
    while (this.lostBySecond.length <= second) this.lostBySecond.push(0)
    if (outcome === 'ok') return this.#addLatency(settledUs - dueUs)
    this.lost++
    this.lostBySecond[second]! += 1
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1)
  }

  #addLatency(us: number): void {
    this.#latencies.addCount(toBucket(us), 1)
    this.#latencies.raiseMax(us)
  }
}

function getPodState(pod: PodSnapshot): PodState {
  if (pod.terminating) return 'terminating'
  return pod.ready ? 'ready' : 'starting'
}

/** Sent, but not to the control pod. */
function isWorkloadRequest({ lane, sentUs }: RequestRecord): boolean {
  return lane !== 'control' && sentUs !== null
}
