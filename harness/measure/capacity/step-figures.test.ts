import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startClock } from '../../base/clock.ts'
import { openLog } from '../../log/writer.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import { buildRefused, buildRequest } from '../../testing/samples/records.ts'
import { computeStepFigures } from './step-figures.ts'

async function computeFigures(requests: RequestRecord[]): ReturnType<typeof computeStepFigures> {
  const directory = mkdtempSync(join(tmpdir(), 'capacity-'))
  try {
    const log = openLog(join(directory, 'events.jsonl'), startClock())
    log.writeMany(requests.map((request): LogRecord => ({ type: 'request', request })))
    await log.close()
    return await computeStepFigures(directory, 100, 1000)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** Due every 10 ms, sent 100 µs later and answered 1, 2, … ms after it was due. */
const createNth = (seq: number): RequestRecord => {
  const dueUs = 5_000_000 + seq * 10_000
  return buildRequest({ seq, dueUs, settledUs: dueUs + (seq % 100 || 100) * 1_000 })
}

test('step: quantiles of what was due after the first second', async () => {
  const requests = Array.from({ length: 200 }, (_, seq) => createNth(seq))
  expect(await computeFigures(requests)).toEqual({
    ratePerSecond: 100,
    sent: 100,
    lost: 0,
    notSent: 0,
    p50Us: 50_000,
    p99Us: 99_000,
    servedP99Us: 98_900,
    lagP99Us: 100,
  })
})

test('step: a lost request is slowest, one not sent is the driver’s', async () => {
  const requests = Array.from({ length: 200 }, (_, seq) => createNth(seq))
  requests[150] = buildRefused({ seq: 150, dueUs: 6_500_000 })
  requests[151] = buildRequest({ seq: 151, dueUs: 6_510_000, outcome: 'overload', sentUs: null })
  expect(await computeFigures(requests)).toMatchObject({
    sent: 99,
    lost: 1,
    notSent: 1,
    p99Us: null,
    servedP99Us: null,
  })
})
