/** Ticks of a log axis in µs: 1, 2 and 5 of each decade between two durations, or only decades where those would be many. */
export function listDurationTicks(leastUs: number, mostUs: number): number[] {
  const decades: number[] = []
  for (let power = 10 ** Math.floor(Math.log10(leastUs)); power <= mostUs; power *= 10) decades.push(power)
  const factors = decades.length > 3 ? [1] : [1, 2, 5]
  return decades
    .flatMap((power) => factors.map((factor) => factor * power))
    .filter((us) => us >= leastUs && us <= mostUs)
}
