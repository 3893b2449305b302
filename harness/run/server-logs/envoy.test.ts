import { expect, test } from 'vitest'
import { exampleLogs } from './example-logs.ts'
import { listMoments } from './list-moments.ts'
import { createLineParser } from './server-log.ts'

test('Envoy log: that it ends its parent is no moment of its own', () => {
  expect(listMoments(exampleLogs.envoy).map(([line, ...told]) => [line.split('] ').at(-1), ...told])).toEqual([
    ['all dependencies initialized. starting workers', 'started', null],
    ['caught SIGTERM', 'signal', 'SIGTERM'],
    ['exiting', 'exited', null],
  ])
})

test('Envoy log: the signal by its later name', () => {
  const line = '[2026-06-17 04:37:21.463][1][warning][main] [source/server/server.cc:976] caught ENVOY_SIGTERM'
  expect(listMoments([line])).toEqual([[line, 'signal', 'SIGTERM']])
})

test('Envoy access log: a request has its id, its status and its duration', () => {
  const parse = createLineParser()
  const line = (status: number, flags: string, upstream = '10.0.2.1:80'): string =>
    `[2016-04-15T20:17:00.310Z] "GET / HTTP/1.1" ${status} ${flags} 0 226 100 99 "-" "curl/7.88.1" "r-0-7" "shop" "${upstream}"`
  const usual = { role: 'proxy', id: 'r-0-7', status: 200, tookUs: 100_000, upstream: null, whole: true }
  expect(parse(line(200, '-'))).toEqual(usual)
  expect(parse(line(200, 'via_upstream - "-"'))).toBeNull()
  expect(parse(line(200, '- via_upstream - "-"'))).toEqual(usual)
  expect(parse(line(503, 'UC'))).toEqual({ ...usual, status: 503 })
  expect(parse(line(200, 'UC'))).toEqual({ ...usual, whole: false })
  expect(parse(line(200, 'DC'))).toEqual({ ...usual, whole: false })
  expect(parse(line(503, 'UH', '-'))).toEqual({ ...usual, status: 503, upstream: '' })
})
