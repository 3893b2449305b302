/** The targets of the driver and the log, with the results of the same bench. It never fails because of them. */
import { growth } from './bench.ts'
import type { BenchResult, LoopResult } from './bench.ts'
import type { LogTrial } from './log-trial.ts'
import type { Trial } from './client-trial.ts'

export interface Target {
  what: string
  aim: string
  found: string
  met: boolean
}

/** Targets that need a tool which did not take part are left out. */
export function listTargets({ loops, log, ...others }: BenchResult): Target[] {
  return [...loops.flatMap(listLoopTargets), ...listLogTargets(log), createFlatnessTarget(others)]
}

function listLoopTargets({ loop, driver, others }: LoopResult): Target[] {
  if (loop.ratePerSecond === null) {
    return [compareCost(driver, others, 'wrk', 1.5), compareCost(driver, others, 'autocannon', 0.65)].filter(
      (one) => one !== null,
    )
  }
  const rate = `${loop.ratePerSecond}/s`
  const { planned, received, told, lag, stolen } = driver
  const all: Target = {
    what: `${rate}: every planned request sent and accounted for`,
    aim: '',
    found: `${received} of ${planned}`,
    met: planned === received && told === received,
  }
  const floor = others.find(({ name }) => name === 'bare sockets')
  const [p50Ms, p99Ms] = [(lag?.p50Us ?? 0) / 1000, (lag?.p99Us ?? 0) / 1000]
  if (loop.ratePerSecond < 10_000) return [all, createLimit(`${rate}: send lag p50`, 'ms', p50Ms, 0.15)]
  return [
    all,
    addStolenShare(
      addFloor(createLimit(`${rate}: send lag p99`, 'ms', p99Ms, 1), floor?.lag?.p99Us && floor.lag.p99Us / 1000),
      stolen,
    ),
    addFloor(createLimit(`${rate}: CPU per request, records included`, 'µs', driver.cpuUs, 45), floor?.cpuUs),
  ]
}

function compareCost(driver: Trial, others: readonly Trial[], name: string, most: number): Target | null {
  const other = others.find((trial) => trial.name === name)
  return other === undefined
    ? null
    : createLimit(`closed loop: CPU per request`, `× ${name}'s`, driver.cpuUs / other.cpuUs, most)
}

function listLogTargets({
  bytesPerRequest,
  judgedSeconds,
  judgedMaxRssBytes,
  repeatable,
  requests,
}: BenchResult['log']): Target[] {
  return [
    createLimit('event log, closed: each request', 'bytes', bytesPerRequest, 40),
    // Both targets are for a million requests.
    createLimit('analysed and reported', 's', judgedSeconds, (10 * Math.max(requests, 1e5)) / 1e6),
    createLimit('memory for it', 'MB', judgedMaxRssBytes / 1e6, 400),
    { what: 'reported twice', aim: 'the same bytes', found: repeatable ? 'the same' : 'different', met: repeatable },
  ]
}

/** The cost of Node's sockets without the driver's own work, on this machine and with the same sleeps. */
function addFloor(target: Target, floor: number | null | undefined): Target {
  return floor === null || floor === undefined
    ? target
    : { ...target, found: `${target.found}, bare sockets ${floor.toFixed(2)}` }
}

/** The target is for an idle core, which this one was not while time was stolen. */
function addStolenShare(target: Target, stolen: number): Target {
  if (stolen === 0) return target
  return { ...target, found: `${target.found}, while ${(100 * stolen).toFixed(1)} % of the core's time was stolen` }
}

function createFlatnessTarget({
  aggregated,
  aggregatedMore,
  aggregatedMoreLost,
}: Omit<BenchResult, 'loops' | 'log'>): Target {
  const computeGrowth = (log: LogTrial): number => log.judgedMaxRssBytes / aggregated.judgedMaxRssBytes
  const target = createLimit(`memory for ${growth} times as many, aggregated`, '×', computeGrowth(aggregatedMore), 1.2)
  return {
    ...target,
    found: `${target.found}, with ${growth} times as many lost ${computeGrowth(aggregatedMoreLost).toFixed(2)}`,
  }
}

function createLimit(what: string, unit: string, value: number, most: number): Target {
  return { what, aim: `at most ${most} ${unit}`, found: value.toFixed(2), met: value <= most }
}
