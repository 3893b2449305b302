import { expect, test } from 'vitest'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { createTimeScale } from '../timeline/time-scale.ts'
import { listChronology } from './loss-chronology.ts'
import { explainLoss } from './loss-explanation.ts'
import { formatLossText } from './loss-text.ts'

const { analysis } = buildSampleComparison().runs.find((run) => run.analysis.configuration === 'app-first')!
const { runId, pods, logExcerpts } = analysis
const run = { name: 'app-first, round 1', runId, pods, logExcerpts, scale: createTimeScale(analysis) }
const loss = analysis.losses.find(({ pod, served }) => pod !== null && (served?.lines.length ?? 0) > 0)!

test('around a request: its own steps, its pod’s moments and the servers’ lines, in the order of time', () => {
  const lines = listChronology(loss, run)
  const toNumber = (at: string): number => Number(at.replace('−', '-').split(' ')[0])
  const instants = lines.map(({ at }) => toNumber(at))
  expect(instants).toEqual(instants.toSorted((a, b) => a - b))
  expect(lines.filter(({ isOwn }) => isOwn).map(({ what }) => what)).toEqual(
    expect.arrayContaining(['was due', 'was sent', `ended: ${loss.outcome}`]),
  )
  const [line] = loss.served!.lines
  expect(lines.map(({ who, what }) => `${who} ${what}`)).toContainEqual(
    expect.stringContaining(`${line!.container} of ${line!.pod} logged status ${line!.status}`),
  )
  expect(lines.filter(({ who }) => who === 'its pod').map(({ what }) => what)).toContain('was deleted')
})

test('around a request: what its pod’s servers logged of others, not of it', () => {
  const logged = listChronology(loss, run).filter(({ what }) => what.startsWith('logged request'))
  expect(logged).toContainEqual({
    at: expect.stringMatching(/ ±1.6 ms$/) as string,
    who: 'nginx',
    what: 'logged request 0-100001: status 200 after 102 ms',
    isOwn: false,
  })
  const { driver, seq } = loss.request
  const own = run.logExcerpts.map((log) => ({ ...log, lines: log.lines.map((line) => ({ ...line, driver, seq })) }))
  expect(listChronology(loss, { ...run, logExcerpts: own }).some(({ what }) => what.startsWith('logged'))).toBe(false)
})

test('around a request: a probe that failed again and again is one line', () => {
  const fail = (atUs: number) =>
    ({ moment: 'unhealthy', atUs, errorUs: 0, source: 'event', detail: 'connection refused' }) as const
  const probed = run.pods.map((pod) => ({
    ...pod,
    containers: pod.containers.map((container) => ({
      ...container,
      moments: [1, 2, 3].map((times) => fail(loss.lostUs + times * 1_000_000)),
    })),
  }))
  const [first, ...others] = listChronology(loss, { ...run, pods: probed }).filter(({ what }) => /unhealthy/.test(what))
  expect(first?.what).toBe('unhealthy (connection refused), 3 times in 2 s')
  expect(others).toHaveLength(probed.find(({ pod }) => pod === loss.pod)!.containers.length - 1)
})

test('around a request without a pod: its own steps alone', () => {
  const lines = listChronology({ ...loss, pod: null, served: null }, run)
  expect(lines.length).toBeGreaterThan(2)
  expect(lines.every(({ isOwn }) => isOwn)).toBe(true)
})

test('text: the story, the facts and what was around it', () => {
  const text = formatLossText(loss, run)
  const { title, sentences, facts } = explainLoss(loss, run.scale)
  expect(text.split('\n')[0]).toBe(`${title} (app-first, round 1, run ${analysis.runId})`)
  for (const sentence of sentences) expect(text).toContain(`\n${sentence}\n`)
  for (const [name, value] of facts)
    expect(text).toMatch(new RegExp(`^${name} +.*${value.slice(0, 5)}`.replaceAll('+', '.'), 'm'))
  expect(text).toMatch(/^> +[+−]\d+\.\d{3} s {2}the request was due$/m)
})
