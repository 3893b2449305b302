import { expect, test } from 'vitest'
import type { PodMargin } from '../../model/figures/margin.ts'
import type { ProbeAttempt } from './attempt.ts'
import { compareMargins, computeProbedMargin, formatComparedMargin } from './probed-margin.ts'

const direct = (atMs: number, failed: string | null = null): ProbeAttempt => ({
  target: 'web-a',
  atMs,
  pod: null,
  failed,
})
const led = (atMs: number, pod: string | null): ProbeAttempt => ({
  target: 'service',
  atMs,
  pod,
  failed: pod === null ? 'ECONNREFUSED' : null,
})

test('a pod that refuses while connections come: the margin is negative', () => {
  const own = [direct(10, 'ECONNREFUSED'), direct(0), direct(5), direct(15, 'EHOSTUNREACH')]
  const others = [led(2, 'web-a'), led(8, null), led(11, 'web-b'), led(950, null), led(953, 'web-b')]
  expect(computeProbedMargin('web-a', own, others)).toEqual({ connectingMs: 950, answeringMs: 7.5, marginMs: -942.5 })
})

test('a pod that outlasts them: what fails before it refuses is another’s', () => {
  const own = [direct(0), direct(5_000), direct(5_005, 'ECONNREFUSED')]
  const others = [led(0, 'web-a'), led(900, 'web-a'), led(1_000, null), led(4_000, 'web-b')]
  expect(computeProbedMargin('web-a', own, others)).toMatchObject({ connectingMs: 900, marginMs: 4_102.5 })
})

test('what the node refuses for want of any pod, long after, is not the pod’s', () => {
  const own = [direct(0), direct(5, 'ECONNREFUSED')]
  const others = [led(2, 'web-a'), led(700, null), led(705, 'web-b'), led(6_000, null)]
  expect(computeProbedMargin('web-a', own, others)).toMatchObject({ connectingMs: 700 })
})

test('without both ends there is none', () => {
  expect(computeProbedMargin('web-a', [direct(0), direct(5)], [led(2, 'web-a')])).toBeNull()
  expect(computeProbedMargin('web-a', [direct(0), direct(5, 'ECONNREFUSED')], [led(9, 'web-b')])).toBeNull()
  expect(computeProbedMargin('web-a', [], [])).toBeNull()
})

test('compared with nodrop’s: how far apart, and whether that is allowed', () => {
  const fresh = {
    connectingUs: 0,
    source: 'kernel',
    atLeast: false,
    answeringUs: 0,
    marginUs: -950_000,
    errorUs: 12_000,
  } as const
  const margin: PodMargin = { pod: 'web-a', deletionUs: 0, fresh, kept: null, upstream: null, endedBy: null }
  const probed = { connectingMs: 950, answeringMs: 7.5, marginMs: -942.5 }
  expect(compareMargins(margin, probed)).toBe(7.5)
  expect(formatComparedMargin('naive', { margin, probed, allowedMs: 20 })).toMatch(
    /^✓ naive: .* 7\.5 ms apart, 20 ms allowed$/,
  )
  expect(formatComparedMargin('naive', { margin, probed, allowedMs: 5 })).toMatch(/^✗ /)
  expect(formatComparedMargin('naive', { margin: undefined, probed, allowedMs: 5 })).toMatch(/^✗ .*not compared$/)
  expect(compareMargins({ ...margin, fresh: null }, probed)).toBeNull()
})
