import { expect, test } from 'vitest'
import type { ServerLogFindings } from '../../model/server-logs.ts'
import { buildServers } from '../../testing/samples/sample-servers.ts'
import { renderServersTable } from './servers-table.ts'

const saw: ServerLogFindings = {
  ...buildServers(3_609, []),
  lost: { answered: 0, failed: 0, worked: 0, 'never-seen': 12, untold: 0 },
}
const network = { pods: 7, listenOverflows: 1, listenDrops: 3, synRetransmits: 0 }
const renderText = (change: Partial<ServerLogFindings>): string =>
  renderServersTable({ ...saw, ...change }, network)
    .toString()
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')

test('says what was found, and what must be 0 even where it is', () => {
  const text = renderText({})
  expect(text).toContain('once in the log of the server 3,609')
  expect(text).toContain('lost, and never seen by any server 12')
  expect(text).toContain('(must be 0) 0')
  expect(text).not.toContain('sent it again')
  expect(text).toContain('Of 1 container the log was followed, each to its end')
})

test('a contradiction stands out', () => {
  expect(renderServersTable({ ...saw, unexplained: 2 }, null).toString()).toContain('<strong>2</strong>')
})

test('incomplete logs: why, and that they prove nothing', () => {
  const logs = [{ pod: 'web-1', container: '<b>', requests: 1, complete: false, why: 'its stream was cut' }]
  expect(renderText({ logs })).toContain('1 was not read to the end, so that what is missing in them proves nothing')
  expect(renderServersTable({ ...saw, logs }, null).toString()).toContain('&lt;b&gt;: its stream was cut')
})

test('network counters of pods, or that they were not read', () => {
  expect(renderText({})).toContain(
    'In the networks of 7 pods: 3 connections dropped by listening sockets, 1 of them for a full accept queue; 0 SYNs sent again.',
  )
  expect(renderServersTable(saw, null).toString()).toContain('not read here')
})
