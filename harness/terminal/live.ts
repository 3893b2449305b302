/** What a run looks like from outside while it goes on: a fold over the records of its log. */
import type { LogRecord, PodSnapshot, RequestRecord } from '../model/record.ts'
import type { Step } from '../model/step.ts'

const rateWindowUs = 2_000_000

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

/** `null` where nothing new has begun. */
function describePhase({ step, detail }: Extract<LogRecord, { type: 'step' }>): string | null {
  if (step === 'step-end') return null
  if (step !== 'step-begin') return phaseTexts[step] + (detail === null ? '' : `: ${detail}`)
  if (detail === 'steady') return null
  return detail === 'until-settled' ? phaseTexts['disrupt-end'] : `${phaseTexts['disrupt-begin']}: ${detail}`
}

export class LiveRun {
  phase = 'starting'
  settled = 0
  lost = 0
  readonly #outcomes = new Map<string, number>()
  readonly #pods = new Map<string, PodSnapshot>()
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
    return Math.round(this.#recent.length / (rateWindowUs / 1e6))
  }

  /** `web-5d-x ready`, `web-5d-y terminating` … in the order of appearance. */
  get pods(): string[] {
    return [...this.#pods.values()].map((pod) => `${pod.name} ${getPodState(pod)}`)
  }

  /** `12 refused, 3 http-5xx`, the most frequent first. */
  get losses(): string {
    const all = [...this.#outcomes].sort((a, b) => b[1] - a[1])
    return all.map(([outcome, count]) => `${count} ${outcome}`).join(', ')
  }

  #addPod(change: 'added' | 'modified' | 'deleted', pod: PodSnapshot): void {
    if (change === 'deleted') this.#pods.delete(pod.name)
    else this.#pods.set(pod.name, pod)
  }

  #addRequest({ outcome, sentUs }: RequestRecord): void {
    this.settled++
    this.#recent.push(sentUs ?? 0)
    if (this.#recent.length > 50_000) this.#recent = this.#recent.slice(-25_000)
    if (outcome === 'ok') return
    this.lost++
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1)
  }
}

function getPodState(pod: PodSnapshot): string {
  if (pod.terminating) return 'terminating'
  return pod.ready ? 'ready' : 'starting'
}

/** Sent, and not to the control pod. */
function isWorkloadRequest({ lane, sentUs }: RequestRecord): boolean {
  return lane !== 'control' && sentUs !== null
}
