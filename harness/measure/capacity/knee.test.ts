import { expect, test } from 'vitest'
import { findKnee } from './knee.ts'
import type { StepFigures } from './knee.ts'

const workUs = 100_000
const calm = { sent: 300, lost: 0, notSent: 0, lagP99Us: 300 }

/** As a queue before one server: the wait grows without bound towards the capacity, and doubles the time at half of it. */
const queueing =
  (capacity: number) =>
  (ratePerSecond: number): StepFigures => {
    const us = ratePerSecond >= capacity ? null : Math.round(workUs / (1 - ratePerSecond / capacity))
    return { ...calm, ratePerSecond, p50Us: us, p99Us: us, servedP99Us: us }
  }

const search = (
  figures: (rate: number, number: number) => StepFigures,
  startPerSecond = 50,
  limitPerSecond = 100_000,
) => {
  let number = 0
  return findKnee({ startPerSecond, limitPerSecond, measure: async (rate) => figures(rate, ++number) })
}

test.each([90, 300, 1_000, 7_777])(
  'knee: of a capacity of %i/s, where p99 doubles, to 12 per cent',
  async (capacity) => {
    const start = capacity / 20
    const knee = await search(queueing(capacity), start)
    // Relative to the base, whose time includes a small wait.
    const doubled = capacity * (1 - (1 - start / capacity) / 2)
    expect(knee).toMatchObject({ endedBy: 'precision', baseP99Us: Math.round(workUs / 0.95) })
    expect(knee.belowPerSecond).toBeLessThanOrEqual(doubled + 0.5)
    expect(knee.abovePerSecond).toBeGreaterThanOrEqual(doubled - 0.5)
    expect(knee.abovePerSecond! / knee.belowPerSecond).toBeLessThan(1.15)
    expect(knee.kneePerSecond).toBeGreaterThanOrEqual(knee.belowPerSecond)
    expect(knee.steps.slice(0, 2).map(({ fate }) => fate)).toEqual(['warm-up', 'base'])
  },
)

test('knee: a step that a neighbour made slow is taken again', async () => {
  const model = queueing(1_000)
  const disturbed = (rate: number, number: number): StepFigures =>
    number === 4 ? { ...model(rate), p99Us: 900_000, servedP99Us: 900_000 } : model(rate)
  const calmKnee = await search(model)
  const knee = await search(disturbed)
  expect(knee.steps.map(({ fate }) => fate).slice(2, 5)).toEqual(['below', 'above', 'below'])
  expect(knee.kneePerSecond).toBe(calmKnee.kneePerSecond)
})

test('knee: lost requests are infinitely slow', async () => {
  const loses = (rate: number): StepFigures =>
    rate > 200 ? { ...queueing(9_999)(rate), lost: 30, p99Us: null, servedP99Us: null } : queueing(9_999)(rate)
  const knee = await search(loses)
  expect(knee.belowPerSecond).toBeLessThanOrEqual(200)
  expect(knee.abovePerSecond).toBeGreaterThan(200)
})

test('knee: a late driver ends the search, and nothing is claimed beyond', async () => {
  const late = (rate: number): StepFigures => ({ ...queueing(9_999)(rate), lagP99Us: rate > 120 ? 6_000 : 300 })
  expect(await search(late)).toMatchObject({
    kneePerSecond: null,
    abovePerSecond: null,
    belowPerSecond: 113,
    endedBy: 'late',
  })
})

test('knee: a late driver hides nothing that is slow from its sending on', async () => {
  const both = (rate: number): StepFigures => ({ ...queueing(400)(rate), lagP99Us: rate > 230 ? 60_000 : 300 })
  const knee = await search(both)
  expect(knee.endedBy).toBe('precision')
  expect(knee.abovePerSecond).toBeLessThan(260)
})

test('knee: the highest rate allowed ends the search', async () => {
  const knee = await search(queueing(1e9), 50, 100)
  expect(knee).toMatchObject({ kneePerSecond: null, belowPerSecond: 100, abovePerSecond: null, endedBy: 'limit' })
  expect(knee.steps.map(({ ratePerSecond }) => ratePerSecond)).toEqual([50, 50, 75, 100])
})

test('knee: without an undisturbed base there is no answer', async () => {
  const lossy = (rate: number): StepFigures => ({ ...queueing(1_000)(rate), lost: 2 })
  await expect(search(lossy)).rejects.toThrow('2 requests were lost at 50 requests/s')
  const busy = (rate: number): StepFigures => ({ ...queueing(1_000)(rate), lagP99Us: 9_000 })
  await expect(search(busy)).rejects.toThrow('the driver was late already at 50 requests/s')
})

test('knee: a driver that was late once is tried again, and the search goes on', async () => {
  const model = queueing(1_000)
  const lateOnce = (rate: number, number: number): StepFigures =>
    number === 4 ? { ...model(rate), lagP99Us: 90_000 } : model(rate)
  const knee = await search(lateOnce)
  expect(knee.steps.map(({ fate }) => fate).slice(2, 5)).toEqual(['below', 'late', 'below'])
  expect(knee.kneePerSecond).toBe((await search(model)).kneePerSecond)
})

test('knee: requests that were due and not sent make a step late, not slow', async () => {
  const overloaded = (rate: number): StepFigures => ({ ...queueing(9_999)(rate), notSent: rate > 100 ? 1 : 0 })
  expect(await search(overloaded)).toMatchObject({ endedBy: 'late', belowPerSecond: 75, abovePerSecond: null })
})

test('knee: a base that was disturbed is tried again, three times at most', async () => {
  const model = queueing(1_000)
  const lost = (rate: number, until: number, number: number): StepFigures =>
    number <= until ? { ...model(rate), lost: 1 } : model(rate)
  const knee = await search((rate, number) => lost(rate, 3, number))
  expect(knee.steps.slice(0, 4).map(({ fate }) => fate)).toEqual(['warm-up', 'above', 'above', 'base'])
  await expect(search((rate, number) => lost(rate, 4, number))).rejects.toThrow('1 request was lost at 50')
  const none = (rate: number): StepFigures => ({ ...model(rate), sent: 0, p99Us: null })
  await expect(search(none)).rejects.toThrow('no request was sent at 50 requests/s')
})

test('knee: of a slow workload rates have two digits, and the search comes to an end', async () => {
  const knee = await search(queueing(4), 0.5)
  expect(knee.endedBy).toBe('precision')
  expect(knee.kneePerSecond).toBeGreaterThan(1.8)
  expect(knee.kneePerSecond).toBeLessThan(2.6)
  for (const { ratePerSecond } of knee.steps) expect(String(ratePerSecond)).toMatch(/^\d(\.\d{1,2})?$/)
})

test('knee: what is told of each step is what it was, in turn', async () => {
  const told: unknown[] = []
  const knee = await findKnee({
    startPerSecond: 50,
    limitPerSecond: 75,
    measure: (rate) => Promise.resolve(queueing(1_000)(rate)),
    onStep: (step) => told.push(step),
  })
  expect(told).toEqual(knee.steps)
  expect(told).toHaveLength(3)
})
