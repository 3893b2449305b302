import { expect, test } from 'vitest'
import { exampleLogs } from './example-logs.ts'
import { listMoments } from './list-moments.ts'
import { createLineParser } from './server-log.ts'

test('HAProxy log: a reload stops the old worker’s proxies, and no port is closed', () => {
  expect(listMoments(exampleLogs.haproxy)).toEqual([
    ['[NOTICE]   (25691) : Loading success.', 'started', null],
    ['[WARNING]  (25691) : Exiting Master process...', 'signal', null],
    ['[WARNING]  (25767) : Proxy web stopped (cumulated conns: FE: 2, BE: 0).', 'stopped-accepting', null],
    ['[WARNING]  (25691) : All workers exited. Exiting... (0)', 'exited', null],
  ])
})

test('HAProxy log: without a master it says that its proxies stop, in each of its lives', () => {
  const stop = [
    '[WARNING]  (563) : Proxy web stopped (cumulated conns: FE: 1, BE: 0).',
    'Proxy web stopped (cumulated conns: FE: 1, BE: 0).',
    '[WARNING]  (563) : Proxy app stopped (cumulated conns: FE: 0, BE: 1).',
    'Proxy app stopped (cumulated conns: FE: 0, BE: 1).',
  ]
  const told = [stop[0], 'stopped-accepting', null]
  expect(listMoments([...stop, ...stop])).toEqual([told, told])
})

test('HAProxy log: on TERM its workers end without a word, also where the date stands before', () => {
  const lines = [
    '[NOTICE] 224/224210 (2454) : New worker #1 (2469) forked',
    '[WARNING] 224/224307 (2454) : Exiting Master process...',
    '[ALERT] 224/224307 (2454) : Current worker #1 (2469) exited with code 143 (Terminated)',
    '[WARNING] 224/224307 (2454) : All workers exited. Exiting... (0)',
  ]
  expect(listMoments(lines)).toEqual([
    [lines[1], 'signal', null],
    [lines[3], 'exited', null],
  ])
})

test('HAProxy log: requests have an id where the header is captured', () => {
  const parse = createLineParser()
  const requests = exampleLogs.haproxy.map((line) => parse(line)).filter((found) => found !== null && 'id' in found)
  const answered = { role: 'proxy', id: 'r-0-7', status: 200, tookUs: 7_000, upstream: null, whole: true }
  expect(requests).toEqual([
    answered,
    { ...answered, id: '', tookUs: 1_000 },
    { ...answered, id: 'r-0-8', tookUs: 1_000 },
    { ...answered, id: 'r-0-9', status: 503, tookUs: 3_005_000 },
  ])
  const line = (server: string, state: string, captured: string): string =>
    `127.0.0.1:1 [29/Nov/2026:17:34:55.445] web app/${server} 0/0/0/6/7 200 182 - - ${state} 1/1/0/0/0 0/0 ${captured}"GET / HTTP/1.1"`
  expect(parse(line('s1', 'SD--', '{r-0-7} '))).toEqual({ ...answered, whole: false })
  expect(parse(line('s1', 'CD--', '{r-0-7} '))).toEqual({ ...answered, whole: false })
  expect(parse(line('<NOSRV>', 'SC--', '{r-0-7} '))).toEqual({ ...answered, upstream: '' })
  expect(parse(line('s1', '----', ''))).toBeNull()
  expect(parse(line('s1', '----', '{shop.example|r-0-7} '))).toBeNull()
})
