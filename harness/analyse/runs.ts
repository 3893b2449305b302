/** The numbers of requests that the log does not keep one by one: few runs, however many requests. */
import type { RequestSummary } from '../model/summary.ts'

/** `count` requests of one driver, `stride` apart from `first` on; due from `firstDueUs` to `lastDueUs`, evenly. */
export interface Run {
  driver: number
  first: number
  count: number
  stride: number
  firstDueUs: number
  lastDueUs: number
}

/** Runs of an open loop are told apart from those whose instants merely follow each other by this. */
const evenUs = 2
/** So many more runs, and they are joined where they can be. */
const slack = 4096

export class Runs {
  #runs: Run[] = []
  #areJoined = true
  #joinAt = slack

  add({ driver, stride, seqs, firstDueUs, lastDueUs }: RequestSummary): void {
    const from = seqs[0]?.first ?? 0
    const last = seqs.at(-1) ?? { first: from, count: 1 }
    const length = last.first + (last.count - 1) * stride - from
    const dueUs = (seq: number): number =>
      length === 0 ? firstDueUs : Math.round(firstDueUs + ((seq - from) / length) * (lastDueUs - firstDueUs))
    for (const { first, count } of seqs) {
      const end = first + (count - 1) * stride
      this.#runs.push({ driver, first, count, stride, firstDueUs: dueUs(first), lastDueUs: dueUs(end) })
    }
    this.#areJoined = false
    if (this.#runs.length > this.#joinAt) this.all()
  }

  /** By driver and number, joined as far as they can be. */
  all(): readonly Run[] {
    if (!this.#areJoined) this.#runs = joined(this.#runs)
    this.#areJoined = true
    this.#joinAt = 2 * this.#runs.length + slack
    return this.#runs
  }
}

/** By driver and number. */
export function byPlace(a: Run, b: Run): number {
  return a.driver - b.driver || a.first - b.first
}

function joined(runs: Run[]): Run[] {
  const all: Run[] = []
  for (const run of runs.sort(byPlace)) {
    const before = all.at(-1)
    if (before && follows(before, run)) {
      before.count += run.count
      before.lastDueUs = run.lastDueUs
    } else all.push(run)
  }
  return all
}

function follows(a: Run, b: Run): boolean {
  if (a.driver !== b.driver || a.stride !== b.stride || b.first !== endOf(a)) return false
  const step = stepUs(a) ?? stepUs(b)
  return step === null || Math.abs(b.firstDueUs - a.lastDueUs - step) <= evenUs
}

/** The place after a run. */
export function endOf({ first, count, stride }: Run): number {
  return first + count * stride
}

function stepUs({ count, firstDueUs, lastDueUs }: Run): number | null {
  return count < 2 ? null : (lastDueUs - firstDueUs) / (count - 1)
}

/** How many numbers are in more than one run; runs by driver and number. */
export function repeatedIn(runs: readonly Run[]): number {
  let repeated = 0
  let before: Run | null = null
  for (const run of runs) {
    if (before !== null && before.driver === run.driver && run.first < endOf(before)) {
      repeated += (Math.min(endOf(before), endOf(run)) - run.first) / run.stride
    }
    if (before === null || before.driver !== run.driver || endOf(run) > endOf(before)) before = run
  }
  return Math.ceil(repeated)
}

/** Whether a number is in one of the runs; runs by driver and number. */
export function isIn(runs: readonly Run[], driver: number, seq: number): boolean {
  const run = runs[lastBefore(runs, (one) => one.driver < driver || (one.driver === driver && one.first <= seq))]
  return run !== undefined && run.driver === driver && seq < endOf(run) && (seq - run.first) % run.stride === 0
}

/** Tells every number in the runs, and when its request was due. */
export function eachOf(runs: readonly Run[], tell: (driver: number, seq: number, dueUs: number) => void): void {
  for (const run of runs) {
    const { driver, first, count, stride, firstDueUs } = run
    const step = stepUs(run) ?? 0
    for (let place = 0; place < count; place++)
      tell(driver, first + place * stride, Math.round(firstDueUs + place * step))
  }
}

/** When the first request of the runs was due at or after `us`; Infinity when none was. Of one driver, by number. */
export function dueFrom(runs: readonly Run[], us: number): number {
  const run = runs[lastBefore(runs, ({ lastDueUs }) => lastDueUs < us) + 1]
  if (run === undefined) return Infinity
  const step = stepUs(run) ?? 0
  if (us <= run.firstDueUs || step === 0) return run.firstDueUs
  return Math.round(run.firstDueUs + Math.ceil((us - run.firstDueUs) / step) * step)
}

/** The place of the last run for which `holds` is true, as it is for all before it; -1 when there is none. */
function lastBefore(runs: readonly Run[], holds: (run: Run) => boolean): number {
  let [from, to] = [0, runs.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (holds(runs[middle]!)) from = middle + 1
    else to = middle
  }
  return from - 1
}
