import { expect, test } from 'vitest'
import { readCpuTime, computeIdleShare, computeStolenShare } from './cpu-time.ts'

const stat = `cpu  22040 10 13713 63004 613 0 5715 4761 99 0
cpu0 9189 0 6413 35080 91 0 2059 2477 0 0
cpu1 12851 10 7300 27923 521 0 3655 2283 99 0
cpu10 1 1 1 1 1 1 1 1 0 0
intr 1 2 3
`

test('the time of a core is all but what guests used, which is told twice', () => {
  expect(readCpuTime('all', stat)).toEqual({ stolen: 4761, idle: 63_617, all: 109_856 })
  expect(readCpuTime(1, stat)).toEqual({ stolen: 2283, idle: 28_444, all: 54_543 })
})

test('cpu time: null where the kernel reports nothing, or too little', () => {
  expect(readCpuTime(7, stat)).toBeNull()
  expect(readCpuTime('all', '')).toBeNull()
  expect(readCpuTime('all', 'cpu  1 2 3 4\n')).toBeNull()
})

test('the share is of the time between two readings', () => {
  const from = { stolen: 10, idle: 500, all: 1000 }
  const to = { stolen: 30, idle: 550, all: 1200 }
  expect([computeStolenShare(from, to), computeIdleShare(from, to)]).toEqual([0.1, 0.25])
  expect([computeStolenShare(from, from), computeIdleShare(from, from)]).toEqual([0, 0])
})

test('this machine has time, of which no more was stolen than there is', () => {
  const { stolen, all } = readCpuTime('all')!
  expect(all).toBeGreaterThan(0)
  expect(stolen).toBeLessThan(all)
})
