/** The numbers of requests that the log does not keep one by one: few runs, however many requests (see run-table.ts). */

/** `count` requests of one driver, `stride` apart from `first` on; due from `firstDueUs` to `lastDueUs`, evenly. */
export interface Run {
  driver: number
  first: number
  count: number
  stride: number
  firstDueUs: number
  lastDueUs: number
}

/** By driver and number. */
export function byPlace(a: Run, b: Run): number {
  return a.driver - b.driver || a.first - b.first
}

/** The place after a run. */
export function endOf({ first, count, stride }: Run): number {
  return first + count * stride
}

/** From one request to the next; `null` where there is no next. */
export function stepUs({ count, firstDueUs, lastDueUs }: Run): number | null {
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
