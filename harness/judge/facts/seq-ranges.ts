/** The numbers of requests that the log only counts: few ranges, however many requests (see range-table.ts). */

/** `count` requests of one driver with numbers `stride` apart, starting at `first`; due evenly from `firstDueUs` to `lastDueUs`. */
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

/** The number after the last one of a range. */
export function getRangeEnd({ first, count, stride }: SeqRange): number {
  return first + count * stride
}

/** The time from one request to the next; `null` for a single request. */
export function computeStepUs({ count, firstDueUs, lastDueUs }: SeqRange): number | null {
  return count < 2 ? null : (lastDueUs - firstDueUs) / (count - 1)
}

/** How many numbers are in more than one range; ranges sorted by driver and number. */
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

/** Whether a number is in one of the ranges; ranges sorted by driver and number. */
export function containsSeq(runs: readonly SeqRange[], driver: number, seq: number): boolean {
  const run =
    runs[findLastIndexWhile(runs, (one) => one.driver < driver || (one.driver === driver && one.first <= seq))]
  return run !== undefined && run.driver === driver && seq < getRangeEnd(run) && (seq - run.first) % run.stride === 0
}

/** Visits every number in the ranges with its due time. */
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

/** When the first request of the ranges was due at or after `us`; Infinity without one. Ranges of one driver, sorted by number. */
export function findFirstDueFrom(runs: readonly SeqRange[], us: number): number {
  const run = runs[findLastIndexWhile(runs, ({ lastDueUs }) => lastDueUs < us) + 1]
  if (run === undefined) return Infinity
  const step = computeStepUs(run) ?? 0
  if (us <= run.firstDueUs || step === 0) return run.firstDueUs
  return Math.round(run.firstDueUs + Math.ceil((us - run.firstDueUs) / step) * step)
}

/** How many requests of a range were due in `[fromUs, toUs)`. */
export function countDue(run: SeqRange, fromUs: number, toUs: number): number {
  return countDueBefore(run, toUs) - countDueBefore(run, fromUs)
}

/** Due times are whole µs: evenly spaced ones are rounded. */
function countDueBefore(run: SeqRange, us: number): number {
  const { count, firstDueUs } = run
  const step = computeStepUs(run) ?? 0
  if (step === 0) return firstDueUs < us ? count : 0
  return Math.min(count, Math.max(0, Math.ceil((us - 0.5 - firstDueUs) / step)))
}

/** The index of the last range for which `holds` is true, as it is for all before it; -1 when there is none. */
function findLastIndexWhile(runs: readonly SeqRange[], holds: (run: SeqRange) => boolean): number {
  let [from, to] = [0, runs.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (holds(runs[middle]!)) from = middle + 1
    else to = middle
  }
  return from - 1
}
