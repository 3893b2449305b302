/** A wall clock that is set forward and back by an hour during a load does not change any measurement or conclusion. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { analyseRun } from '../../judge/verdict/analyse-run.ts'
import { bundleDriver } from '../../load/service/bundle.ts'
import { buildSchedule } from '../../model/load/schedule.ts'
import { readLog } from '../../log/reader.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import { frameRecords, buildLog, buildPlan, times } from '../../testing/samples/rollout-log.ts'
import { compareLogs } from './compare-logs.ts'
import { createLoad, runStage } from './run-stage.ts'

/** Replaces Date with a clock that is set forward by an hour, back, and back again, every 150 ms. */
const stepping = `{
  const Real = Date, began = performance.now()
  const step = () => [0, 3600000, 0, -3600000][Math.floor((performance.now() - began) / 150) % 4]
  globalThis.Date = class extends Real {
    constructor(...given) { given.length > 0 ? super(...given) : super(Real.now() + step()) }
    static now() { return Real.now() + step() }
  }
}
`

async function withSteps<T>(work: () => Promise<T>): Promise<T> {
  const real = Date
  // oxlint-disable-next-line typescript/no-implied-eval -- the same text that the driver's program begins with
  new Function(stepping)()
  try {
    return await work()
  } finally {
    globalThis.Date = real
  }
}

test('the steps that are tried are steps', async () => {
  await withSteps(async () => {
    const seen = new Set<number>()
    const [wall, mono] = [Date.now(), performance.now()]
    while (performance.now() - mono < 700) {
      seen.add(Math.round((Date.now() - wall - (performance.now() - mono)) / 1000))
      await turn()
    }
    expect([...seen].sort((a, b) => a - b)).toEqual([-3600, 0, 3600])
  })
})

const [rate, requests] = [200, 600]

test(
  'in driver and harness: every latency, the order, the server, and what is concluded',
  { timeout: 60_000 },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'clock-step-'))
    try {
      const driverFile = join(directory, 'driver.mjs')
      writeFileSync(driverFile, stepping + (await bundleDriver()))
      const load = { ...createLoad(rate, [0.5, 0.35, 0.15]), timeoutMs: 10_000 }
      const logs = await withSteps(() =>
        runStage(
          { seed: 3, directory, driverFile },
          { name: 'steps', requests, load, faults: { seed: 0, okShare: 1, cutAcceptShare: 0 } },
        ),
      )
      const { accountingError, misclassified, duplicates, ok, tooLate } = await compareLogs(
        logs,
        (request, takenUpUs) => {
          // The server's own clock is in between: sent, taken up, answered, within the error of aligning the clocks.
          expect(takenUpUs! - request.sentUs!).toBeGreaterThan(-20_000)
          expect(request.settledUs - takenUpUs!).toBeGreaterThan(-20_000)
          expect(request.settledUs - request.dueUs).toBeLessThan(10_000_000)
        },
      )
      expect({ accountingError, misclassified, duplicates, ok, tooLate }).toEqual({
        accountingError: 0,
        misclassified: 0,
        duplicates: 0,
        ok: requests,
        tooLate: 0,
      })
      const records: LogRecord[] = []
      for await (const record of readLog(logs.log)) records.push(record)
      const sent = records.flatMap((record) => (record.type === 'request' ? [record.request] : []))
      expectDueTimes(sent)
      expect(records.flatMap((record) => ('t' in record ? [record.t] : []))).toEqual(
        records.flatMap((record) => ('t' in record ? [record.t] : [])).sort((a, b) => a - b),
      )
      const steady = await judgeRequests(sent)
      expect(await withSteps(() => judgeRequests(sent))).toBe(steady)
    } finally {
      rmSync(directory, { recursive: true })
    }
  },
)

/** Instants have the intervals of the plan: no clock step came between. */
function expectDueTimes(sent: RequestRecord[]): void {
  const plan = {
    seed: 3,
    driver: 0,
    drivers: 1,
    ratePerSecond: rate,
    shares: { fresh: 0.5, reused: 0.35, 'reused-post': 0.15 },
  }
  const { dueUs } = buildSchedule(plan)
  const bySeq = sent.toSorted((a, b) => a.seq - b.seq)
  expect(bySeq.map((request) => request.seq)).toEqual(Array.from({ length: requests }, (_, seq) => seq))
  for (const { seq, dueUs: due } of bySeq) expect(due - bySeq[0]!.dueUs).toBe(dueUs(seq) - dueUs(0))
}

/** As requests of a rollout, so that there is something to conclude. */
async function judgeRequests(sent: RequestRecord[]): Promise<string> {
  const firstUs = Math.min(...sent.map(({ dueUs }) => dueUs))
  const moved = sent.map((request): LogRecord => {
    const by = times.begin - firstUs
    const shiftTime = (us: number | null): number | null => (us === null ? null : us + by)
    const { sentUs, connectedUs, firstByteUs } = request
    return {
      type: 'request',
      request: {
        ...request,
        dueUs: request.dueUs + by,
        settledUs: request.settledUs + by,
        sentUs: shiftTime(sentUs),
        connectedUs: shiftTime(connectedUs),
        firstByteUs: shiftTime(firstByteUs),
      },
    }
  })
  return JSON.stringify(await analyseRun(buildPlan(), buildLog([...frameRecords, ...moved])))
}

test('wall clock: no file of load, log, judge and report reads it', () => {
  const harness = join(import.meta.dirname, '../..')
  const files = ['load', 'log', 'judge'].flatMap((folder) =>
    readdirSync(join(harness, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /(?<!\.test)\.ts$/.test(name))
      .map((name) => join(folder, name)),
  )
  expect(files.length).toBeGreaterThan(60)
  const looking = [...files, 'run/loading.ts', 'base/clock.ts'].filter((file) =>
    /\bDate\b/.test(readFileSync(join(harness, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '')),
  )
  expect(looking).toEqual([])
})
