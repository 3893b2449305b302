/** A watch without a cluster: synthetic traffic and pods on the test's own clock, with episodes judged from their logs. */
import type { V1Pod } from '@kubernetes/client-node'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { judgeDirectory } from '../../judge/judge-directory.ts'
import { readLog } from '../../log/reader.ts'
import { buildSchedule, computeLaneRates } from '../../model/load/schedule.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis } from '../../model/result.ts'
import { noIdentification } from '../../model/workload.ts'
import { WatchedTraffic } from '../../run/watch/watched-traffic.ts'
import type { ClosedEpisode } from '../../run/watch/close-episodes.ts'
import { buildRefused, buildRequest, endpointsAt, podAt } from '../../testing/samples/records.ts'
import { disruptOnce } from '../../model/steps/order.ts'
import { buildPlan, second } from '../../testing/samples/rollout-log.ts'
import { WatchBook } from './watch-book.ts'

const load = {
  ratePerSecond: 20,
  controlPerSecond: 1,
  shares: { fresh: 0.5, reused: 0.5, 'reused-post': 0 },
  workMs: 0,
  thinkMs: 500,
  timeoutMs: 5_000,
}
const steps = disruptOnce({ kind: 'observed', what: 'deletion' }, { beforeMs: 10_000, afterMs: 5_000 })
const sample = buildPlan({ name: 'watch', load, steps, limitMs: 60_000 })
const { containers } = sample.workload
const workload = { ...sample.workload, identification: noIdentification, containers: { ...containers, logs: [] } }
const plan: RunPlan = { ...sample, workload: { ...workload, namespace: 'shop' } }
const schedule = buildSchedule({ seed: plan.seed, driver: 0, drivers: 1, ...computeLaneRates(load, true) })

/** Advances time in steps of 100 ms, and answers the requests due in each. */
class Playback {
  nowUs = 0
  readonly directory = mkdtempSync(join(tmpdir(), 'nodrop-watch-'))
  readonly closed: ClosedEpisode[] = []
  readonly traffic: WatchedTraffic
  /** The outcome of a request; default: it is answered. */
  answer: (request: RequestRecord) => RequestRecord = (request) => request
  /** Ends the wait for the present episode, at rest since an instant. */
  rest: (goneUs: number) => void = () => expect.fail('there is no episode')
  /** Fails that wait. */
  breakOff: (error: Error) => void = () => expect.fail('there is no episode')
  #planned = 0
  #originUs = 0
  /** Requests that will be answered later. */
  readonly #late: RequestRecord[] = []

  constructor() {
    onTestFinished(() => rmSync(this.directory, { recursive: true }))
    this.traffic = new WatchedTraffic({
      getPlan: () => plan,
      directory: this.directory,
      clock: { originUs: 0, now: () => this.nowUs },
      mostEpisodes: Infinity,
      onRecord: () => undefined,
      onSign: () => undefined,
      waitUntilOver: () =>
        new Promise((resolve, reject) => {
          this.rest = resolve
          this.breakOff = reject
        }),
      isCordoned: async () => false,
      onClosed: async (episode) => void this.closed.push(episode),
      onFailure: (error) => {
        throw error
      },
    })
    for (const name of ['a', 'b']) this.pod('added', name)
    this.endpoints('a', 'b')
    this.traffic.begin()
  }

  async playTo(seconds: number): Promise<void> {
    while (this.nowUs < seconds * second) {
      this.nowUs += 100_000
      this.traffic.take(this.#drive())
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  pod(
    change: 'added' | 'modified' | 'deleted',
    name: string,
    state: { revision?: string; ready?: boolean; leaving?: boolean } = {},
  ): void {
    const { revision = '1', ready = true, leaving = false } = state
    const labels = { 'pod-template-hash': revision }
    const metadata = { name, uid: name, labels, ...(leaving && { deletionTimestamp: '2026-01-01T00:00:00Z' }) }
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] }
    this.traffic.seePod({ change, object: { metadata, status } as unknown as V1Pod, atUs: this.nowUs })
    this.traffic.see(podAt(this.nowUs, change, name, { ready, terminating: leaving }))
  }

  endpoints(...pods: string[]): void {
    this.traffic.see(endpointsAt(this.nowUs, pods))
  }

  /** Deletes a pod, which another replaces two seconds later. */
  async replace(name: string, by: string, revision: string): Promise<void> {
    const other = [...this.#ready].find((one) => one !== name) ?? ''
    this.pod('added', by, { revision, ready: false })
    await this.playTo(this.nowUs / second + 1)
    this.pod('modified', by, { revision })
    this.endpoints(name, other, by)
    await this.playTo(this.nowUs / second + 1)
    this.pod('modified', name, { leaving: true })
    this.endpoints(other, by)
    await this.playTo(this.nowUs / second + 1)
    this.pod('deleted', name, { leaving: true })
    this.#ready.delete(name)
    this.#ready.add(by)
  }

  /** Another load, whose schedule begins now. */
  restart(): void {
    this.#planned = 0
    this.#originUs = this.nowUs
    this.traffic.begin()
  }

  /** Stops the load with a last report. */
  async end(): Promise<void> {
    this.traffic.interrupt()
    this.nowUs += 10 * second
    this.traffic.take([
      ...this.#takeLate(),
      { type: 'end', t: this.nowUs, driver: 0, planned: this.#planned, lost: null },
    ])
    await this.traffic.drain()
  }

  async judge(number: number): Promise<Analysis> {
    const { runs } = await judgeDirectory(join(this.directory, `episode-${String(number).padStart(4, '0')}`))
    return runs[0]?.analysis ?? expect.fail('there is no run')
  }

  get planned(): number {
    return this.#planned
  }

  readonly #ready = new Set(['a', 'b'])

  #drive(): LogRecord[] {
    const records = this.#takeLate()
    const due = schedule.dueBy(this.nowUs - this.#originUs)
    for (; this.#planned < due; this.#planned++) {
      const request = this.answer(this.#createRequest(this.#planned))
      if (request.settledUs > this.nowUs) this.#late.push(request)
      else records.push({ type: 'request', request })
    }
    const inFlight = this.#late.length
    const counts = { planned: due, settled: due - inFlight, inFlight }
    const health = { ...counts, loopDelayMaxUs: 900, cpuShare: 0.02 }
    if (this.nowUs % (5 * second) === 100_000)
      records.push({ type: 'clock', t: this.nowUs, driver: 0, offsetUs: 0, errorUs: 100 })
    return [...records, { type: 'driver', t: this.nowUs, driver: 0, health }]
  }

  #createRequest(seq: number): RequestRecord {
    const [dueUs, lane] = [this.#originUs + schedule.dueUs(seq), schedule.lane(seq)]
    const times = { sentUs: dueUs + 90, connectedUs: dueUs + 300, firstByteUs: dueUs + 1_000, settledUs: dueUs + 1_100 }
    return buildRequest({ seq, lane, dueUs, ...times, pod: lane === 'control' ? 'control' : null })
  }

  #takeLate(): LogRecord[] {
    const due = this.#late.filter(({ settledUs }) => settledUs <= this.nowUs)
    for (const request of due) this.#late.splice(this.#late.indexOf(request), 1)
    return due.map((request) => ({ type: 'request', request }))
  }
}

/** The numbers of the requests in an episode's log. */
async function readSeqs(playback: Playback, dir: string): Promise<number[]> {
  const seqs: number[] = []
  for await (const record of readLog(join(playback.directory, dir))) {
    if (record.type === 'request') seqs.push(record.request.seq)
  }
  return seqs
}

const listBroken = ({ claims }: Analysis): string[] => claims.flatMap(({ holds, problems }) => (holds ? [] : problems))

test('watch: a rollout is one episode, which is judged as a run', async () => {
  const playback = new Playback()
  await playback.playTo(30)
  await playback.replace('a', 'c', '2')
  await playback.replace('b', 'd', '2')
  const goneUs = playback.nowUs
  await playback.playTo(41)
  playback.rest(goneUs)
  await playback.playTo(60)
  await playback.end()
  expect(playback.closed).toMatchObject([{ number: 1, what: 'rollout', dir: 'episode-0001' }])
  const analysis = await playback.judge(1)
  expect(listBroken(analysis)).toEqual([])
  expect(analysis).toMatchObject({ verdict: 'passed', scenario: 'rollout', ending: 'complete' })
  expect(analysis.sentence).toMatch(/^0 of 4\d\d requests lost in 1 rollout: /)
  expect(analysis.pods.map(({ pod, old }) => [pod, old])).toEqual([
    ['a', true],
    ['b', true],
    ['c', false],
    ['d', false],
  ])
  const before = analysis.phases[0]
  expect(((before?.toUs ?? 0) - (before?.fromUs ?? 0)) / second).toBeCloseTo(10, 0)
})

test('watch: what is lost in an episode fails it, and what is lost between episodes does not', async () => {
  const playback = new Playback()
  const isAt = ({ dueUs }: RequestRecord, from: number, to: number): boolean =>
    from * second <= dueUs && dueUs < to * second
  playback.answer = (request) =>
    request.lane !== 'control' && (isAt(request, 10, 10.5) || isAt(request, 32, 32.5))
      ? buildRefused({ seq: request.seq, lane: request.lane, dueUs: request.dueUs })
      : request
  await playback.playTo(30)
  await playback.replace('a', 'c', '2')
  const goneUs = playback.nowUs
  await playback.playTo(38.5)
  playback.rest(goneUs)
  await playback.playTo(60)
  await playback.end()
  const analysis = await playback.judge(1)
  expect([analysis.verdict, analysis.ledger.lost]).toEqual(['failed', 10])
  expect(playback.traffic.traffic.outcomes.refused).toBe(10)
})

test('watch: every request is in one episode or between them, those that settle late included', async () => {
  const playback = new Playback()
  // Every seventh takes three seconds.
  playback.answer = (request) =>
    request.seq % 7 === 0 ? { ...request, settledUs: request.dueUs + 3 * second } : request
  await playback.playTo(20)
  await playback.replace('a', 'c', '1')
  await playback.playTo(29)
  playback.rest(23 * second)
  await playback.playTo(31)
  await playback.replace('b', 'd', '1')
  await playback.playTo(40)
  playback.rest(34 * second)
  await playback.playTo(70)
  await playback.end()
  const all = await Promise.all(playback.closed.map(({ dir }) => readSeqs(playback, dir)))
  const seqs = all.flat()
  expect(all).toHaveLength(2)
  expect(new Set(seqs).size).toBe(seqs.length)
  expect(all.map((own) => own.toSorted((a, b) => a - b)).map((own) => own.at(-1)! - own[0]! + 1)).toEqual(
    all.map(({ length }) => length),
  )
  const { planned, background, episodes } = playback.traffic.ledger
  expect([planned, episodes, background]).toEqual([playback.planned, seqs.length, playback.planned - seqs.length])
  for (const number of [1, 2]) {
    const { ledger, control } = await playback.judge(number)
    expect([ledger.balanced, ledger.planned + (control?.planned ?? 0)]).toEqual([true, all[number - 1]?.length])
  }
})

test('watch: replacements that overlap are one episode, also one that comes when it had just come to rest', async () => {
  const playback = new Playback()
  await playback.playTo(20)
  playback.pod('modified', 'a', { leaving: true })
  await playback.playTo(21)
  playback.pod('deleted', 'b')
  await playback.playTo(26)
  playback.rest(21 * second)
  await new Promise((resolve) => setImmediate(resolve))
  // Before the driver's next report, with which it would have ended.
  playback.pod('added', 'e', { revision: '2' })
  await playback.playTo(32)
  playback.rest(27 * second)
  await playback.playTo(33)
  playback.pod('modified', 'e', { revision: '2', leaving: true })
  await playback.playTo(40)
  playback.rest(35 * second)
  await playback.playTo(41)
  await playback.end()
  expect(playback.closed.map(({ number, what }) => [number, what])).toEqual([
    [1, 'rollout'],
    [2, 'scale-down'],
  ])
  expect(playback.closed[1]?.fromUs).toBeGreaterThanOrEqual(playback.closed[0]?.toUs ?? Infinity)
})

test('watch: a pod that is unready for a while opens no episode', async () => {
  const playback = new Playback()
  await playback.playTo(5)
  playback.pod('modified', 'a', { ready: false })
  await playback.playTo(8)
  playback.pod('modified', 'a')
  await playback.playTo(9)
  await playback.end()
  expect(readdirSync(playback.directory)).toEqual([])
  expect(playback.traffic.ledger).toEqual({ planned: playback.planned, background: playback.planned, episodes: 0 })
})

test('watch: an episode that was not watched to its end has no verdict', async () => {
  const playback = new Playback()
  await playback.playTo(20)
  playback.pod('modified', 'a', { leaving: true })
  await playback.playTo(22)
  await playback.end()
  const { verdict, because, ledger, scenario } = await playback.judge(1)
  expect([verdict, because, ledger.balanced]).toEqual(['unknown', ['the run was interrupted'], true])
  expect(scenario).toBe('deletion')
})

test('watch: an episode has no verdict where the interrupt reaches the wait for its end first', async () => {
  const playback = new Playback()
  await playback.playTo(20)
  playback.pod('modified', 'a', { leaving: true })
  await playback.playTo(22)
  playback.breakOff(new Error('interrupted'))
  await new Promise((resolve) => setImmediate(resolve))
  await playback.end()
  const { verdict, because } = await playback.judge(1)
  expect([verdict, because]).toEqual(['unknown', ['the run was interrupted']])
})

test('watch: when its time is over no other episode begins', async () => {
  const playback = new Playback()
  await playback.playTo(20)
  playback.pod('modified', 'a', { leaving: true })
  playback.traffic.openNoMore()
  await playback.playTo(26)
  playback.rest(21 * second)
  await playback.playTo(27)
  playback.pod('modified', 'b', { leaving: true })
  await playback.playTo(28)
  await playback.end()
  expect(playback.closed).toHaveLength(1)
  expect(readdirSync(playback.directory)).toEqual(['episode-0001'])
})

test('watch: a driver that is lost takes the verdict of the episode with it, and its requests are missing', async () => {
  const playback = new Playback()
  await playback.playTo(20)
  playback.pod('modified', 'a', { leaving: true })
  await playback.playTo(22)
  const lost = 'the load driver was lost: pod driver-0 was deleted'
  playback.traffic.take([{ type: 'end', t: playback.nowUs, driver: 0, planned: playback.planned + 5, lost }])
  await playback.traffic.drain()
  const { verdict, because, ledger } = await playback.judge(1)
  expect([verdict, because, ledger.notSent['driver-lost']]).toEqual(['unknown', [lost], 5])
  const { planned, background, episodes } = playback.traffic.ledger
  expect([planned, background + episodes]).toEqual([playback.planned + 5, playback.planned + 5])
})

test('watch: what a lost driver takes with it between episodes is told, and the next load goes on', async () => {
  const playback = new Playback()
  await playback.playTo(20)
  playback.traffic.take([{ type: 'end', t: playback.nowUs, driver: 0, planned: playback.planned + 3, lost: 'gone' }])
  playback.traffic.interrupt()
  await playback.traffic.drain()
  playback.pod('modified', 'a', { leaving: true })
  expect(playback.traffic.unseen).toBe(0)
  const first = playback.planned + 3
  playback.restart()
  expect(playback.traffic.unseen).toBe(1)
  await playback.playTo(40)
  playback.pod('deleted', 'b')
  await playback.playTo(46)
  playback.rest(41 * second)
  await playback.playTo(47)
  await playback.end()
  expect(playback.closed).toMatchObject([{ number: 1, what: 'scale-down' }])
  expect((await playback.judge(1)).ledger.balanced).toBe(true)
  const { planned, background, episodes } = playback.traffic.ledger
  expect([planned, background + episodes]).toEqual([first + playback.planned, first + playback.planned])
  expect(playback.traffic.traffic.outcomes['driver-lost']).toBe(3)
})

test('watch: a report of a watch that was killed has the episode that went on, without a verdict', async () => {
  const playback = new Playback()
  const book = new WatchBook(playback.directory, 'x', plan)
  await playback.playTo(20)
  await playback.replace('a', 'c', '1')
  await playback.playTo(28)
  playback.rest(23 * second)
  await playback.playTo(29)
  await expect.poll(() => playback.closed).toHaveLength(1)
  await book.add(playback.closed[0] ?? expect.fail('no episode is closed'))
  await playback.playTo(40)
  playback.pod('deleted', 'b')
  await playback.playTo(41)
  const { watch, report } = await judgeDirectory(playback.directory)
  expect(watch?.ending).toBeNull()
  expect(watch?.episodes.map(({ number, what, verdict }) => [number, what, verdict])).toEqual([
    [1, 'scale-down', 'passed'],
    [2, 'deletion', 'unknown'],
  ])
  expect(readFileSync(report ?? '', 'utf8')).toContain('2 episodes of deployment/web')
  playback.rest(41 * second)
  await playback.end()
})

test('watch: of many episodes the last hundred are kept, and of a thousand the results', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const book = new WatchBook(folder, 'x', plan)
  const numbers = Array.from({ length: 1_100 }, (_, index) => index + 1)
  for (const number of numbers) {
    const dir = `episode-${String(number).padStart(4, '0')}`
    mkdirSync(join(folder, dir))
    book.keep({ number, dir, what: 'rollout', fromUs: 0, toUs: 1, verdict: 'passed', sent: 1, lost: 0, sentence: '' })
  }
  const { episodes, forgotten } = book.session
  expect([episodes.length, episodes[0]?.number, forgotten.passed]).toEqual([1_000, 101, 100])
  expect(readdirSync(folder).filter((name) => name.startsWith('episode-'))).toEqual(
    numbers.slice(-100).map((number) => `episode-${String(number).padStart(4, '0')}`),
  )
})
