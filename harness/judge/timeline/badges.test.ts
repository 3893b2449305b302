/** Elements that several parts of the page use: rows, tables and links keep their content, whatever it contains. */
import { expect, test } from 'vitest'
import { parsePage } from '../../testing/html-elements.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import type { Loss } from '../../model/result.ts'
import { html } from '../report/escape-html.ts'
import { createHeads, getRunAnchor, renderOutcomeChip, renderTableDetails, renderTableRow } from './badges.ts'
import { lossColumns } from './loss-columns.ts'
import { createTimeScale } from './time-scale.ts'

test('links: a run’s link finds its section, also by a name that no address could hold', () => {
  for (const runId of ['rollout-naive-1', 'a b&c=d#e"f<g>%20', 'zürich', 'right-to-left \u202e']) {
    const { id, href } = getRunAnchor(runId)
    // As in a browser: the decoded fragment is the id of an element.
    expect(decodeURIComponent(href.slice(1))).toBe(id)
    expect(href).toMatch(/^#run=[\w%.!~*'()-]+$/)
  }
})

test('links: runs with different names have different sections', () => {
  const ids = ['a', 'a ', 'A', 'a%20', 'a b'].map((runId) => getRunAnchor(runId).id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('rows: the first cell is the row’s heading, and figures stand to the right', () => {
  const page = parsePage(
    html`<table>
      ${renderTableRow(['web-1', 'old', 1_234, '5 ms'], 2)}
    </table>`,
  )
  expect(page.only('th').getAttribute('scope')).toBe('row')
  expect(page.texts('th, td')).toEqual(['web-1', 'old', '1234', '5 ms'])
  expect(page.list('td').map((cell) => cell.matches('.n'))).toEqual([false, true, true])
  const heads = createHeads(['pod', 'age', 'sent', 'p50'], 2)
  expect(heads.map(({ numeric }) => numeric)).toEqual([false, false, true, true])
})

test('tables: what a cell, a heading and a title hold is text, and no markup', () => {
  const evil = '<img src=x onerror=alert(1)>"\'&amp;'
  const rows = [renderTableRow([evil, evil])]
  const page = parsePage(renderTableDetails(evil, createHeads([evil, 'b']), rows, html`<p>${evil}</p>`))
  expect(page.list('img').length).toBe(0)
  expect(page.texts('summary, th, td, p')).toEqual([evil, evil, 'b', evil, evil, evil])
  expect(page.only('.scroll').getAttribute('aria-label')).toBe(evil)
})

test('chips: how often, with thousands apart', () => {
  const page = parsePage(renderOutcomeChip('timeout-headers', 12_345))
  expect(page.texts('b')).toEqual(['12,345'])
  expect(page.only('li').getAttribute('title')).toBe('no answer in time')
})

test('columns of lost requests: what is known of one, and signs for what is not', () => {
  const { analysis } = buildSampleComparison().runs[0]!
  const scale = createTimeScale(analysis)
  const loss = analysis.losses.find(({ moment, attributedBy }) => moment !== null && attributedBy !== null)!
  const read = (change: Partial<Loss>, request: Partial<Loss['request']> = {}): Record<string, string> => {
    const whole = { ...loss, ...change, request: { ...loss.request, ...request } }
    return Object.fromEntries(lossColumns.map(({ title, value }) => [title, value(whole, scale)]))
  }
  const moment = { ...loss.moment!, name: 'signal', container: 'nginx', sinceUs: 1_500 } as const
  const known = {
    outcome: 'http-5xx',
    lostUs: scale.originUs + 2_500_000,
    pod: 'web-1',
    sinceDeletionUs: 40_000,
  } as const
  const request = { status: 502, lane: 'reused', use: 7, dueUs: 1_000_000, settledUs: 1_250_000 } as const
  expect(read({ ...known, moment, retriedBy: [] }, request)).toEqual({
    outcome: 'http-5xx',
    status: '502',
    'lost at': '+2.500 s',
    after: '250 ms',
    lane: 'reused',
    use: '7',
    pod: 'web-1',
    'latest moment': 'signal nginx',
    since: '1.5 ms',
    'since deletion': '40 ms',
    'sent again by': 'none',
  })
  const unknown = { pod: null, attributedBy: null, podless: null, moment: null, sinceDeletionUs: null } as const
  expect(read({ ...unknown, retriedBy: ['go', 'nginx'] }, { status: null })).toMatchObject({
    status: '–',
    pod: 'not known',
    'latest moment': '–',
    since: '–',
    'since deletion': '–',
    'sent again by': 'Go’s net/http, nginx with several upstreams',
  })
  expect(read({ pod: null, podless: 'certain' })).toMatchObject({ pod: 'none' })
  expect(read({ attributedBy: null })).toMatchObject({ pod: `likely ${loss.pod}` })
  expect(read({ moment: { ...moment, name: 'deletion', container: null } })).toMatchObject({
    'latest moment': 'deletion',
  })
})
