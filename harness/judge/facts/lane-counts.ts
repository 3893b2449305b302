/** How many requests were planned in a span of due times, by lane. */
import { lanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import type { Evidence } from './evidence.ts'
import type { Span } from '../pods/presence.ts'

/** Of all lanes, `control` among them; whether they were sent or not. Half-open, like the span. */
export function countByLane({ requests, control }: Evidence, { fromUs, toUs }: Span): Record<Lane, number> {
  const counts = new Float64Array(lanes.length)
  for (const table of [requests, control]) {
    for (let index = 0; index < table.size; index++) {
      const dueUs = table.dueUs(index)
      if (fromUs <= dueUs && dueUs < toUs) counts[table.lane(index)]! += 1
    }
    for (const { lane, dueUs, count } of table.aggregated.cells) {
      if (fromUs <= dueUs && dueUs < toUs) counts[lanes.indexOf(lane)]! += count
    }
  }
  return Object.fromEntries(lanes.map((lane, place) => [lane, counts[place] ?? 0])) as Record<Lane, number>
}
