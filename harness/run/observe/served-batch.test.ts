import { expect, test } from 'vitest'
import { startClock } from '../../base/clock.ts'
import type { LogRecord } from '../../model/record.ts'
import { ServedBatch } from './served-batch.ts'

const access = { role: 'proxy', status: 200, tookUs: 100, upstream: null, whole: true } as const

test('served batch: it has requests of the run alone, driver by driver', () => {
  const written: LogRecord[] = []
  const write = (record: LogRecord): void => void written.push(record)
  const batch = new ServedBatch({ pod: 'web-1', container: 'nginx', clock: startClock(), write, runToken: 'r-1' })
  const kept = ['r-1-0-7', 'r-1-0-9', 'r-1-2-8', 'r-2-0-7', 'reach', '', 'r-1-0-x'].map((id, index) =>
    batch.add({ ...access, id }, { at: index, errorUs: index }),
  )
  batch.flush()
  batch.flush()
  expect(kept).toEqual([true, true, true, false, false, false, false])
  expect(written).toMatchObject([
    {
      type: 'served',
      driver: 0,
      errorUs: 1,
      lines: [
        { seq: 7, atUs: 0 },
        { seq: 9, atUs: 1 },
      ],
    },
    { type: 'served', driver: 2, lines: [{ seq: 8, atUs: 2 }] },
  ])
})
