import { expect, test } from 'vitest'
import { countSamples } from '../../model/histogram.ts'
import type { RequestOutcome, RequestRecord } from '../../model/record.ts'
import type { Lane } from '../../model/plan.ts'
import { Background } from './background.ts'

function createRequest(dueUs: number, outcome: RequestOutcome = 'ok', lane: Lane = 'fresh'): RequestRecord {
  return { seq: 0, driver: 0, lane, outcome, dueUs, settledUs: dueUs + 2_000 } as RequestRecord
}

test('background: requests are counted by what became of them, those to the control pod apart', () => {
  const background = new Background()
  background.add(createRequest(0))
  background.add(createRequest(1, 'refused'))
  background.add(createRequest(2, 'overload'))
  background.add(createRequest(3, 'ok', 'control'))
  background.add(createRequest(4, 'refused', 'control'))
  const { outcomes, control, spans, latency } = background.traffic
  expect(outcomes).toEqual({ ok: 1, refused: 1, overload: 1 })
  expect(control).toEqual({ sent: 2, lost: 1 })
  expect(spans).toEqual([{ sent: 2, lost: 1 }])
  expect([background.total, latency.maxUs]).toEqual([5, 2_000])
})

test('background: a week takes as much room as a day, and no request is missing', () => {
  const background = new Background()
  const hours = 7 * 24
  let added = 0
  for (let hour = 0; hour < hours; hour++) {
    for (let minute = 0; minute < 60; minute++) {
      for (let request = 0; request < 20; request++, added++) {
        background.add(
          createRequest((hour * 60 + minute) * 60e6 + request * 3e6, added % 1000 === 0 ? 'refused' : 'ok'),
        )
      }
    }
  }
  const { spanUs, spans, latency } = background.traffic
  expect(spans.length).toBeLessThanOrEqual(1_000)
  expect(spanUs / 60e6).toBe(16)
  expect(spans.reduce((sum, { sent }) => sum + sent, 0)).toBe(added)
  expect(spans.reduce((sum, { lost }) => sum + lost, 0)).toBe(Math.ceil(added / 1000))
  expect(countSamples(latency)).toBe(added - Math.ceil(added / 1000))
  expect(JSON.stringify(background.traffic).length).toBeLessThan(40_000)
})
