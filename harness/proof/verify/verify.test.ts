import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cutAnswerBytes, faultNames } from '../faults/fault-kinds.ts'
import { computeDistance, predictFigures, measureFigures } from '../faults/freeze-figures.ts'
import { askedRequests } from './request-server.ts'
import { runVerification } from './verify.ts'

test(
  'the driver, in its own process, tells every fault for what it is, each request once',
  { timeout: 90_000 },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'verify-'))
    try {
      const options = {
        requests: 6000,
        ratePerSecond: 1500,
        seed: 7,
        directory,
        freezeMs: 0,
        mutants: 0,
        neighbours: 0,
        onProgress: () => {},
      }
      const { mix, cuts, overload, requests } = await runVerification(options)
      for (const { planned, sent, notSent, ok, lost, examples, ...wrong } of [mix, cuts, overload, requests]) {
        expect(examples).toEqual([])
        expect(wrong).toMatchObject({ accountingError: 0, misclassified: 0, duplicates: 0 })
        expect(sent + notSent).toBe(planned)
        expect(ok + lost).toBe(sent)
      }
      expect(mix.planned).toBe(6000)
      const met = mix.rows.filter(({ injected }) => injected > 0).map(({ kind }) => kind)
      expect(met).toEqual(expect.arrayContaining([...faultNames]))
      for (const how of ['cut-by-fin', 'cut-by-rst']) {
        const row = cuts.rows.find(({ kind }) => kind === how)
        for (const cell of ['new GET', 'reused GET', 'reused POST'] as const)
          expect(row?.cells[cell], `${how}, ${cell}`).toBeGreaterThanOrEqual(cutAnswerBytes - 1)
      }
      for (const { name, outcomes } of requests.requests) {
        const { answers } = askedRequests.find((one) => one.request.name === name)!
        expect([name, new Set(Object.keys(outcomes))]).toEqual([name, new Set(answers.map(({ outcome }) => outcome))])
      }
      expect(overload.notSent).toBeGreaterThan(0)
    } finally {
      rmSync(directory, { recursive: true })
    }
  },
)

test('freeze figures: 5 s at 200/s is 800 waits above 1 s, p99 4.88 s', () => {
  const freeze = { ratePerSecond: 200, requests: 2400, frozenUs: 5e6, serviceUs: 0 }
  const latencies = Float64Array.from({ length: 2400 }, (_, n) => (n < 1000 ? 5e6 - (n + 0.5) * 5000 : 500))
  const expected = predictFigures(freeze)
  expect(expected).toEqual({ p99Us: 4_877_500, overOneSecond: 800 })
  expect(Math.round(predictFigures({ ...freeze, serviceUs: 100 }).overOneSecond)).toBe(816)
  expect(measureFigures(latencies)).toEqual({ p99Us: 4_877_500, overOneSecond: 800 })
  // A sender that waited for the frozen server would have seen only one long request on each connection.
  expect(computeDistance(measureFigures(latencies.map((us) => (us > 4.9e6 ? us : 500))), expected)).toBeGreaterThan(0.9)
})
