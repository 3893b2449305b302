import { expect, test } from 'vitest'
import type { RequestRecord } from '../../model/record.ts'
import { buildRequest } from '../../testing/samples/records.ts'
import { KernelClock } from '../wire/kernel-time.ts'
import { parseSynSet } from '../wire/syns.ts'
import type { Syn } from '../wire/syns.ts'
import { classifyBlame, createTruthFinder } from './truth.ts'
import type { Truth } from './truth.ts'

const originMs = 1_000_000
const pods = [
  { name: 'old', ip: '10.244.0.5', fromMs: originMs },
  { name: 'other', ip: '10.244.0.6', fromMs: originMs },
]
/** A SYN this number of ms after the run began. */
const buildSyn = (port: number, ip: string, ms: number): Syn => ({ port, ip, atMs: originMs + ms })

function findTruth(request: Partial<RequestRecord>, syns: Syn[], requests: [string, string][] = []): unknown {
  const seen = { syns, pods, requests: new Map(requests) }
  return createTruthFinder({ ...seen, originMs, runToken: 'run' })(buildRequest({ driver: 0, ...request }))
}
const buildTimes = (sentMs: number, settledMs: number): Partial<RequestRecord> => ({
  sentUs: sentMs * 1000,
  connectedUs: null,
  settledUs: settledMs * 1000,
  pod: null,
  localPort: 40_000,
  use: 1,
})

test('nft: its list of the set is read with its times', () => {
  const text = `
    elements = { 0.0.0.0 . 0 . 0.0.0.0 timeout 10d expires 9d23h58m20s,
		     10.244.0.3 . 40000 . 10.244.0.5 expires 19s984ms,
		     10.244.0.3 . 40001 . 10.96.0.7 timeout 20s expires 20s,
		     10.244.0.3 . 40002 . 10.244.0.6 expires 900ms }`
  expect(parseSynSet(text)).toEqual({
    ageMs: 100_000,
    syns: [
      { port: 40_000, ip: '10.244.0.5', ageMs: 99_984 },
      { port: 40_001, ip: '10.96.0.7', ageMs: 100_000 },
      { port: 40_002, ip: '10.244.0.6', ageMs: 80_900 },
    ],
  })
  expect(() => parseSynSet('elements = { }')).toThrow(/marker/)
})

test('kernel clock: readings that took long do not move it', () => {
  const time = new KernelClock()
  time.narrow(1_000, { fromMs: 6_000, toMs: 6_900 })
  time.narrow(5_000, { fromMs: 9_200, toMs: 10_004 })
  expect(time.toWallMs(7_000)).toBe(12_002)
  // The wall clock was set.
  time.narrow(9_000, { fromMs: 20_000, toMs: 20_010 })
  expect(time.toWallMs(9_000)).toBe(20_005)
})

test('pod: the one that has the address of the last SYN', () => {
  const syns = [
    buildSyn(40_000, '10.244.0.6', 100),
    buildSyn(40_000, '10.244.0.5', 5_000),
    buildSyn(40_000, '10.244.0.6', 9_000),
  ]
  expect(findTruth(buildTimes(5_000, 5_001), syns)).toMatchObject({ pod: 'old', moved: false, contradiction: null })
  expect(findTruth({ ...buildTimes(8_000, 8_200), use: 7 }, syns)).toMatchObject({
    pod: 'old',
    moved: false,
    contradiction: null,
  })
})

test('port: taken again at once, it does not tell of the connection before', () => {
  const syns = [buildSyn(40_000, '10.244.0.6', 4_000), buildSyn(40_000, '10.244.0.5', 5_120)]
  const answered = { ...buildTimes(5_000, 5_100), connectedUs: 5_000_000, use: 3 }
  expect(findTruth(answered, syns)).toMatchObject({ pod: 'other', moved: false })
})

test('moved: a connection whose SYN was sent again to another pod', () => {
  const syns = [buildSyn(40_000, '10.244.0.5', 5_000), buildSyn(40_000, '10.244.0.6', 6_010)]
  expect(findTruth(buildTimes(5_000, 6_200), syns)).toMatchObject({ pod: 'other', moved: true, contradiction: null })
})

test('address: it stays that of a pod that is gone until another gets it', () => {
  expect(findTruth(buildTimes(30_000, 35_000), [buildSyn(40_000, '10.244.0.5', 34_000)])).toMatchObject({
    pod: 'old',
    moved: false,
    contradiction: null,
  })
})

test('no pod: where the address is no pod’s, there was none', () => {
  expect(findTruth(buildTimes(5_000, 5_001), [buildSyn(40_000, '10.96.0.7', 5_000)])).toMatchObject({
    pod: null,
    moved: false,
    contradiction: null,
  })
})

test('server: one that had the request tells without the kernel', () => {
  const had: [string, string][] = [['run-0-7', 'other']]
  const request = { ...buildTimes(5_000, 5_001), pod: null }
  expect(findTruth({ ...request, seq: 7 }, [], had)).toEqual({
    pod: 'other',
    firstPod: 'other',
    moved: false,
    by: 'server',
    contradiction: null,
  })
  expect(findTruth({ ...request, seq: 8, pod: 'old' }, [], had)).toMatchObject({ pod: 'old' })
  expect(findTruth({ ...request, seq: 8 }, [], had)).toBeNull()
})

test('contradiction: then the truth is not known', () => {
  const had: [string, string][] = [['run-0-7', 'other']]
  const truth = findTruth(
    { ...buildTimes(5_000, 5_001), seq: 7 },
    [buildSyn(40_000, '10.244.0.5', 5_000)],
    had,
  ) as Truth
  expect(truth.contradiction).toBe('#7 was sent to old by the kernel, and other had it')
  expect(classifyBlame({ pod: 'old', candidates: [], podless: null, lostBy: 'failure' }, truth)).toBe('unproven')
})

const lastTo = (pod: string | null, firstPod = pod): Truth => ({
  pod,
  firstPod,
  moved: false,
  by: 'kernel',
  contradiction: null,
})

test('SYNs: unanswered counts by the first, a refusal by the last', () => {
  const syns = [buildSyn(40_000, '10.244.0.5', 5_000), buildSyn(40_000, '10.96.0.7', 6_010)]
  const truth = findTruth(buildTimes(5_000, 8_000), syns) as Truth
  expect(truth).toMatchObject({ pod: null, firstPod: 'old' })
  expect(classifyBlame({ pod: 'old', candidates: [], podless: null, lostBy: 'first-syn' }, truth)).toBe('right')
  expect(classifyBlame({ pod: 'old', candidates: [], podless: null, lostBy: 'last-syn' }, truth)).toBe('wrong')
})

test.each([
  ['right', 'old', [], 'old'],
  ['right', null, [], null],
  ['wrong', 'other', [], 'old'],
  ['wrong', 'other', [], null],
  ['wrong', 'other', ['other', 'third'], 'old'],
  ['listed', 'other', ['other', 'old'], 'old'],
  ['undecided', null, [], 'old'],
] as const)('%s: %s of %j is blamed, and it was %s', (blame, pod, candidates, truth) => {
  expect(classifyBlame({ pod, candidates: [...candidates], podless: null, lostBy: 'failure' }, lastTo(truth))).toBe(
    blame,
  )
})

test.each([
  ['listed', 'possible', ['other'], null],
  ['listed', 'possible', ['old'], 'old'],
  ['wrong', 'possible', ['other'], 'old'],
  ['right', 'certain', [], null],
  ['wrong', 'certain', [], 'old'],
] as const)('%s: that there was %sly none beside %j, and it was %s', (blame, podless, candidates, truth) => {
  const named: string[] = [...candidates]
  const loss = { pod: named[0] ?? null, candidates: named, podless, lostBy: 'failure' as const }
  expect(classifyBlame(loss, lastTo(truth))).toBe(blame)
})

test('unknown: what is not known is neither right nor wrong', () => {
  expect(classifyBlame({ pod: 'old', candidates: [], podless: null, lostBy: 'failure' }, null)).toBe('unproven')
})
