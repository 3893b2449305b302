/** The texts of a row about its cause and its margin. */
import { describe, expect, test } from 'vitest'
import type { Analysis } from '../../model/result.ts'
import { buildSampleComparison, changeComparison } from '../../testing/samples/sample-analyses.ts'
import { compareConfigurations } from '../verdict/compare-configurations.ts'
import { formatRowMargin } from './row-margin.ts'

const sample = buildSampleComparison()
const { rows } = sample
const findRow = (name: string, from = rows) => from.find(({ configuration }) => configuration === name)!
const changeRow = (name: string, change: (analysis: Analysis) => Partial<Analysis>) =>
  findRow(name, changeComparison(sample, (run) => (run.configuration === name ? change(run) : {})).rows)

describe('cause', () => {
  test('connections that find no listener', () => {
    const [cause] = findRow('exec').cause
    expect(cause).toMatch(/^nginx stops listening as its pod is deleted; connections keep coming for 0\.4 s more\.$/)
  })

  test('requests cut under way where new connections are safe', () => {
    expect(findRow('sleep').cause[0]).toMatch(
      /^New connections are safe: nginx outlasts them by 4\.7\d? s\. But TERM cuts \d+ requests under way on kept connections\.$/,
    )
  })

  test('an upstream that is gone, by the name of its container', () => {
    expect(findRow('app-first').cause[0]).toMatch(
      /^nginx answers 502 for 4\.8\d? s: gunicorn is gone 0\.1\d? s after the deletion\.$/,
    )
  })

  test('nothing lost: how much longer it answers than connections come, and what outlives it', () => {
    expect(findRow('graceful').cause[0]).toMatch(
      /^nginx answers for 5\.0 s longer than new connections come, and cuts nothing that is under way\. gunicorn outlives it\.$/,
    )
  })

  test('what was not seen is said so', () => {
    const unknown = changeRow('graceful', ({ margins }) => ({
      margins: margins.map((one) => ({ ...one, fresh: null })),
    }))
    expect(unknown.cause[0]).toBe('When nginx stopped listening was not seen.')
    expect(unknown.marginText).toBeNull()
    const refused = changeRow('exec', ({ margins }) => ({ margins: margins.map((one) => ({ ...one, fresh: null })) }))
    expect(refused.cause[0]).toMatch(/^\d+ requests were refused; when nginx stopped listening was not seen\.$/)
    const single = changeRow('exec', ({ margins, losses }) => ({
      margins: margins.map((one) => ({ ...one, fresh: null })),
      losses: losses.filter(({ outcome }) => outcome === 'refused').slice(0, 1),
    }))
    expect(single.cause[0]).toBe('1 request was refused; when nginx stopped listening was not seen.')
  })

  test('a server that was told to stop, but whose stop was not seen, is not said to have stopped', () => {
    const withUnseenEnd = ({ margins }: Analysis): Partial<Analysis> => ({
      margins: margins.map((one) => ({
        ...one,
        fresh: one.fresh && { ...one.fresh, marginUs: -350_000, errorUs: 10_000, answeringAtLeast: true as const },
      })),
    })
    expect(changeRow('graceful', withUnseenEnd).cause[0]).toBe('When nginx stopped listening was not seen.')
    expect(changeRow('exec', withUnseenEnd).cause[0]).toMatch(/when nginx stopped listening was not seen\.$/)
  })

  test('requests that were refused, where the margin is within its error', () => {
    const row = changeRow('exec', ({ margins }) => ({
      margins: margins.map((one) => ({
        ...one,
        fresh: one.fresh && { ...one.fresh, marginUs: -10_000, errorUs: 16_000 },
      })),
    }))
    expect(row.cause[0]).toMatch(
      /^nginx stops listening as the last new connections come, within 16 ms: \d+ requests were refused\.$/,
    )
  })

  test('requests cut where no pod is known for certain: by what is not said', () => {
    const row = changeRow('sleep', ({ losses }) => ({
      losses: losses.map((loss) => ({ ...loss, attributedBy: null })),
    }))
    expect(row.cause.join(' ')).toMatch(/\d+ requests were cut under way on kept connections; by what was not seen\./)
    expect(row.cause.join(' ')).not.toContain('TERM cuts')
  })

  test('names the containers that are there, and no other server', () => {
    const runs = sample.runs.map((run) => {
      const rename = (name: string): string => (name === 'nginx' ? 'web' : 'worker')
      const pods = run.analysis.pods.map((pod) => ({
        ...pod,
        containers: pod.containers.map((one) => ({ ...one, name: rename(one.name) })),
      }))
      const containers = { names: ['web', 'worker'], front: 'web' }
      return {
        plan: { ...run.plan, workload: { ...run.plan.workload, containers } },
        analysis: { ...run.analysis, pods },
      }
    })
    const says = compareConfigurations(runs).flatMap(({ cause }) => cause)
    expect(says).toContainEqual(expect.stringMatching(/^web stops listening/))
    expect(says.join(' ')).not.toMatch(/nginx|gunicorn/)
  })
})

describe('margin', () => {
  const fresh = {
    connectingUs: 0,
    source: 'driver',
    atLeast: false,
    answeringUs: 0,
    marginUs: 3_942_000,
    errorUs: 33_000,
  } as const
  const format = (change: object): string | null => {
    const pod = {
      pod: 'web-1',
      deletionUs: 0,
      fresh: { ...fresh, ...change },
      kept: null,
      upstream: null,
      endedBy: null,
    }
    return formatRowMargin([{ round: 1, margins: [pod] }])
  }

  test.each([
    [{}, '3.9 s to spare'],
    [{ errorUs: 6_000 }, '3.94 s to spare'],
    [{ answeringAtLeast: true }, 'at least 3.9 s to spare'],
    [{ atLeast: true }, 'at most 3.9 s to spare'],
    [{ atLeast: true, answeringAtLeast: true }, 'about 3.9 s to spare'],
    [{ marginUs: -951_000, errorUs: 12_000 }, 'nobody listened for 0.95 s'],
    [{ marginUs: -951_000, errorUs: 12_000, atLeast: true }, 'nobody listened for at least 0.95 s'],
    [{ marginUs: -9_000, errorUs: 33_000 }, 'nothing to spare, within 0.03 s'],
    // The time of its stop was not seen.
    [{ marginUs: -350_000, answeringAtLeast: true }, null],
    [{ marginUs: 9_000, answeringAtLeast: true }, null],
  ])('%j', (change, says) => {
    expect(format(change)).toBe(says)
  })

  test('the tightest pod counts, and an upstream that was gone before it', () => {
    const pod = { pod: 'web-1', deletionUs: 0, kept: null, upstream: null, endedBy: null }
    const roomy = { ...pod, fresh }
    const tight = { ...pod, pod: 'web-2', fresh: { ...fresh, marginUs: 1_200_000 } }
    expect(
      formatRowMargin([
        { round: 1, margins: [roomy] },
        { round: 2, margins: [tight] },
      ]),
    ).toBe('1.2 s to spare')
    const upstream = { status: 502, answers: 49, fromUs: 200_000, toUs: 5_000_000 }
    expect(formatRowMargin([{ round: 1, margins: [tight, { ...roomy, upstream }] }])).toBe('answered 502 for 4.8 s')
    const once = { ...upstream, answers: 1, toUs: upstream.fromUs }
    expect(formatRowMargin([{ round: 1, margins: [{ ...roomy, upstream: once }] }])).toBe('answered 502 once')
    expect(formatRowMargin([])).toBeNull()
  })
})
