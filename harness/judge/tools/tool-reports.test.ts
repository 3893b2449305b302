import { describe, expect, test } from 'vitest'
import { createRequestLookup } from '../../model/load/request-choice.ts'
import type { RequestRecord } from '../../model/record.ts'
import type { LoadTool, ToolReport } from '../../model/tools/tool-report.ts'
import { loadTools } from '../../model/tools/tool-report.ts'
import { buildRefused, buildRequest } from '../../testing/samples/records.ts'
import { reportTools, sumToolReports } from './tool-reports.ts'

const lookUp = createRequestLookup({}, 0)
const kept = { lane: 'reused', use: 4, status: null, bytes: 0, firstByteUs: null } as const
const fresh = { status: null, bytes: 0, firstByteUs: null } as const

const losses = {
  refused: buildRefused(),
  closedFresh: buildRequest({ ...fresh, outcome: 'closed-before-response' }),
  closedKept: buildRequest({ ...kept, outcome: 'closed-before-response' }),
  closedPost: buildRequest({ ...kept, lane: 'reused-post', outcome: 'closed-before-response' }),
  resetFresh: buildRequest({ ...fresh, outcome: 'reset-before-response' }),
  resetKept: buildRequest({ ...kept, outcome: 'reset-before-response' }),
  badGateway: buildRequest({ ...kept, outcome: 'http-5xx', status: 502, bytes: 312 }),
  truncated: buildRequest({ ...kept, outcome: 'truncated', status: 200, bytes: 200 }),
  cutByReset: buildRequest({ ...kept, outcome: 'reset-in-body', status: 200, bytes: 200 }),
  stalled: buildRequest({ ...kept, outcome: 'timeout-headers' }),
}

const reportOf = (lost: readonly RequestRecord[], sent = 1_000): Map<LoadTool, ToolReport> => {
  const lanes = (['fresh', 'reused', 'reused-post', 'control'] as const).map((lane) => ({ lane, sent }))
  return new Map(reportTools({ lost, lanes, endedByClose: 0, lookUp }).map((report) => [report.tool, report]))
}
/** How each tool counts one lost request: the names it reports, or how it ignores it. */
const tell = (loss: keyof typeof losses): Record<string, string> =>
  Object.fromEntries(
    [...reportOf([losses[loss]])].map(([tool, { told, resent, untold, lost }]) => [
      tool,
      Object.keys(told).join(' + ') || (resent > 0 ? 'resent' : untold > 0 ? 'untold' : lost === 0 ? 'not sent' : '?'),
    ]),
  )

test('every tool: lost is what is told, sent again or untold, and has one exit code', () => {
  const reports = reportOf(Object.values(losses))
  expect([...reports.keys()]).toEqual([...loadTools])
  for (const { tool, lost, errors, resent, untold, exits, sent } of reports.values()) {
    expect({ tool, lost }).toEqual({ tool, lost: errors + resent + untold })
    expect({ tool, sent }).toEqual({ tool, sent: tool === 'ab' || tool === 'curl' ? 1_000 : 3_000 })
    expect(Object.values(exits)).toEqual([1])
  }
})

describe('a kept connection that ends before the answer', () => {
  test('a GET: Go and fortio send it again, autocannon counts nothing, the others tell', () => {
    const told = tell('closedKept')
    for (const tool of ['k6', 'vegeta', 'hey', 'fortio']) expect(told[tool]).toBe('resent')
    expect(told['autocannon']).toBe('untold')
    expect([told['hey -m POST'], told['wrk'], told['oha']]).toEqual([
      'EOF',
      'read',
      'connection closed before message completed',
    ])
    expect([told['ab'], told['curl']]).toEqual(['not sent', 'not sent'])
  })

  test('a POST: fortio alone sends it again', () => {
    const resent = Object.entries(tell('closedPost')).filter(([, how]) => how === 'resent')
    expect(resent.map(([tool]) => tool)).toEqual(['fortio'])
  })

  test('by a RST: sent again all the same, and autocannon tells of it', () => {
    expect(tell('resetKept')).toMatchObject({ k6: 'resent', hey: 'resent', fortio: 'resent', autocannon: 'errors' })
  })
})

test('a new connection that fails is never tried again', () => {
  for (const loss of ['refused', 'resetFresh', 'closedFresh'] as const) {
    expect(Object.values(tell(loss))).not.toContain('resent')
  }
  expect(tell('refused')).toMatchObject({ k6: 'connection refused', fortio: 'Code -1', wrk: 'read', curl: '000' })
})

test('a 502 is told by all, and yet a success to oha and a response to hey', () => {
  const reports = reportOf([losses.badGateway])
  expect(Object.values(tell('badGateway')).filter((how) => how === 'untold' || how === 'resent')).toEqual([])
  expect(reports.get('oha')?.says).toBe('Success rate 100 %; 1 × [502]')
  expect(reports.get('hey')?.says).toBe('1 × [502]')
})

test('oha: what is never answered is aborted at the end, and in no success rate', () => {
  expect(reportOf([losses.stalled]).get('oha')?.says).toBe('Success rate 100 %; 1 × aborted due to deadline')
  expect(reportOf([losses.stalled, losses.refused], 7).get('oha')?.says).toBe(
    'Success rate 95 %; 1 × Connection refused (os error 111), 1 × aborted due to deadline',
  )
})

test('oha: an answer that is cut is an error of its body, however it was cut', () => {
  expect(tell('truncated')['oha']).toBe('error reading a body from connection')
  expect(tell('cutByReset')['oha']).toBe('error reading a body from connection')
})

test('an answer cut in its body is good to hey and fortio, and an error to vegeta and k6', () => {
  const told = tell('truncated')
  expect([told['hey'], told['fortio'], told['vegeta'], told['k6']]).toEqual([
    'untold',
    'untold',
    'unexpected EOF',
    'unexpected EOF',
  ])
})

test('fortio: the status is read before the body, and one that is not 2xx ends it', () => {
  // fortio 1.68, fhttp/http_client.go: `c.code = ParseDecimal(…)`, then `if !codeIsOK(c.code) { … break }`; an EOF later keeps the code.
  const tellCut = (fields: Partial<RequestRecord>): ToolReport =>
    reportOf([buildRequest({ ...kept, bytes: 200, ...fields })]).get('fortio')!
  for (const outcome of ['truncated', 'reset-in-body', 'timeout-body'] as const) {
    expect(tellCut({ outcome, status: 502 }).told).toEqual({ 'Code 502': 1 })
  }
  expect(tellCut({ outcome: 'truncated', status: 206 })).toMatchObject({ errors: 0, untold: 1 })
  expect(tellCut({ outcome: 'reset-in-body', status: 200 }).told).toEqual({ 'Code -1': 1 })
})

test('ab: every status that is not 2xx is told of, also of an answer that is cut', () => {
  const tellOf = (fields: Partial<RequestRecord>): ToolReport =>
    reportOf([buildRequest({ ...fresh, bytes: 200, ...fields })]).get('ab')!
  expect(tellOf({ outcome: 'unexpected-status', status: 302 }).told).toEqual({ 'Non-2xx': 1, Length: 1 })
  expect(tellOf({ outcome: 'truncated', status: 502 }).told).toEqual({ 'Non-2xx': 1, Length: 1 })
  expect(tellOf({ outcome: 'truncated', status: 200 }).told).toEqual({ Length: 1 })
})

test('k6: exit 99 from one failed request in a hundred on, and no threshold by itself', () => {
  const exitAt = (refused: number): ToolReport['exits'] | undefined =>
    reportOf(Array.from({ length: refused }, () => losses.refused)).get('k6')?.exits
  expect(exitAt(29)).toEqual({ 0: 1 })
  expect(exitAt(30)).toEqual({ 99: 1 })
  expect(reportOf([losses.refused, losses.closedKept]).get('k6')?.says).toBe('http_req_failed 0.03 %, 1 out of 3,000')
})

test('ab: gives up at the first refusal or reset with its errno, and knows nothing of later requests', () => {
  const report = reportOf([losses.closedFresh, losses.resetFresh, losses.refused, losses.refused]).get('ab')
  expect(report).toMatchObject({ gaveUp: 1, exits: { 104: 1 }, errors: 2, untold: 2 })
  expect(report?.says).toBe('gave up at the first error of a socket')
  const quiet = reportOf([losses.closedFresh]).get('ab')
  expect(quiet).toMatchObject({ gaveUp: 0, exits: { 0: 1 }, says: 'Failed requests: 1' })
})

test('nothing lost: every tool says so and exits with 0', () => {
  for (const { tool, exits, errors, good, sent } of reportOf([]).values()) {
    expect({ tool, exits, errors, good }).toEqual({ tool, exits: { 0: 1 }, errors: 0, good: sent })
  }
})

test('rounds: figures add up, exit codes are counted, and what is said is of all', () => {
  const rounds = [[losses.refused], [losses.refused, losses.closedKept], []].map((lost) => [
    ...reportOf(lost, 20).values(),
  ])
  const sum = new Map(sumToolReports(rounds).map((report) => [report.tool, report]))
  expect(sum.get('k6')).toMatchObject({ sent: 180, lost: 3, errors: 2, resent: 1, exits: { 0: 1, 99: 2 } })
  expect(sum.get('k6')?.says).toBe('http_req_failed 1.1 %, 2 out of 180')
  expect(sum.get('ab')).toMatchObject({ gaveUp: 2, exits: { 0: 1, 111: 2 }, says: 'gave up 2 of 3 runs' })
})

test('an answer that only the end of its connection completes is no answer to autocannon', () => {
  const lanes = [{ lane: 'fresh', sent: 10 } as const]
  const reports = reportTools({ lost: [], lanes, endedByClose: 3, lookUp })
  expect(reports.find(({ tool }) => tool === 'autocannon')?.good).toBe(7)
  expect(reports.find(({ tool }) => tool === 'k6')?.good).toBe(10)
})
