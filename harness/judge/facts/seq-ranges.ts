/** The numbers of requests that the log does not keep one by one: few ranges, however many requests (see range-table.ts). */

/** `count` requests of one driver, `stride` apart from `first` on; due from `firstDueUs` to `lastDueUs`, evenly. */
export interface SeqRange {
  driver: number
  first: number
  count: number
  stride: number
  firstDueUs: number
  lastDueUs: number
}

/** By driver and number. */
export function compareRanges(a: SeqRange, b: SeqRange): number {
  return a.driver - b.driver || a.first - b.first
}

/** The place after a run. */
export function getRangeEnd({ first, count, stride }: SeqRange): number {
  return first + count * stride
}

/** From one request to the next; `null` where there is no next. */
export function computeStepUs({ count, firstDueUs, lastDueUs }: SeqRange): number | null {
  return count < 2 ? null : (lastDueUs - firstDueUs) / (count - 1)
}

/** How many numbers are in more than one run; runs by driver and number. */
export function countRepeated(runs: readonly SeqRange[]): number {
  let repeated = 0
  let before: SeqRange | null = null
  for (const run of runs) {
    if (before !== null && before.driver === run.driver && run.first < getRangeEnd(before)) {
      repeated += (Math.min(getRangeEnd(before), getRangeEnd(run)) - run.first) / run.stride
    }
    if (before === null || before.driver !== run.driver || getRangeEnd(run) > getRangeEnd(before)) before = run
  }
  return Math.ceil(repeated)
}

/** Whether a number is in one of the runs; runs by driver and number. */
export function containsSeq(runs: readonly SeqRange[], driver: number, seq: number): boolean {
  const run =
    runs[findLastIndexWhile(runs, (one) => one.driver < driver || (one.driver === driver && one.first <= seq))]
  return run !== undefined && run.driver === driver && seq < getRangeEnd(run) && (seq - run.first) % run.stride === 0
}

/** Tells every number in the runs, and when its request was due. */
export function forEachSeq(
  runs: readonly SeqRange[],
  visit: (driver: number, seq: number, dueUs: number) => void,
): void {
  for (const run of runs) {
    const { driver, first, count, stride, firstDueUs } = run
    const step = computeStepUs(run) ?? 0
    for (let place = 0; place < count; place++)
      visit(driver, first + place * stride, Math.round(firstDueUs + place * step))
  }
}

/** When the first request of the runs was due at or after `us`; Infinity when none was. Of one driver, by number. */
export function findFirstDueFrom(runs: readonly SeqRange[], us: number): number {
  const run = runs[findLastIndexWhile(runs, ({ lastDueUs }) => lastDueUs < us) + 1]
  if (run === undefined) return Infinity
  const step = computeStepUs(run) ?? 0
  if (us <= run.firstDueUs || step === 0) return run.firstDueUs
  return Math.round(run.firstDueUs + Math.ceil((us - run.firstDueUs) / step) * step)
}

/** How many requests of a run were due from one instant to before another. */
export function countDue(run: SeqRange, fromUs: number, toUs: number): number {
  return countDueBefore(run, toUs) - countDueBefore(run, fromUs)
}

/** Due times are whole µs: of evenly spaced ones, the nearest. */
function countDueBefore(run: SeqRange, us: number): number {
  const { count, firstDueUs } = run
  const step = computeStepUs(run) ?? 0
  if (step === 0) return firstDueUs < us ? count : 0
  return Math.min(count, Math.max(0, Math.ceil((us - 0.5 - firstDueUs) / step)))
}

/** The place of the last run for which `holds` is true, as it is for all before it; -1 when there is none. */
function findLastIndexWhile(runs: readonly SeqRange[], holds: (run: SeqRange) => boolean): number {
  let [from, to] = [0, runs.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (holds(runs[middle]!)) from = middle + 1
    else to = middle
  }
  return from - 1
}
