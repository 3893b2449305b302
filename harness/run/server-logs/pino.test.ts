import { expect, test } from 'vitest'
import { exampleLogs } from './example-logs.ts'
import { listMoments } from './list-moments.ts'
import { createLineParser } from './server-log.ts'

const pinoLine = (fields: object): string =>
  JSON.stringify({ level: 30, time: 1_795_973_138_693, pid: 1, hostname: 'shop-1', ...fields })

test('pino log: it listens, and is sent a signal; what it closes is not told', () => {
  const told = listMoments(exampleLogs.pino).map(([line, ...moment]) => [
    (JSON.parse(line) as { msg: string }).msg,
    ...moment,
  ])
  expect(told).toEqual([
    ['Server listening at http://127.0.0.1:18084', 'started', null],
    ['listening on 18084', 'started', null],
    ['SIGTERM received, closing', 'signal', 'SIGTERM'],
  ])
})

test('pino log: signals in other words', () => {
  const listSignals = (msg: string): unknown[] => listMoments([pinoLine({ msg })]).map(([, ...told]) => told)
  expect(listSignals('Received SIGINT: draining')).toEqual([['signal', 'SIGINT']])
  expect(listSignals('SIGTERM signal received: closing HTTP server')).toEqual([['signal', 'SIGTERM']])
  expect(listSignals('handler for SIGTERM installed')).toEqual([])
  expect(listSignals('closed')).toEqual([])
  expect(listMoments([JSON.stringify({ msg: 'Received SIGINT' })])).toEqual([])
})

test('pino log: requests of pino-http and Fastify', () => {
  const parse = createLineParser()
  const requests = exampleLogs.pino.map((line) => parse(line)).filter((found) => found !== null && 'id' in found)
  const usual = { role: 'application', id: 'r-0-7', status: 200, tookUs: 9_000, upstream: null, whole: true }
  expect(requests).toEqual([{ ...usual, id: 'req-1', tookUs: 9_771 }, usual])
  const res = { statusCode: 200 }
  const aborted = pinoLine({ reqId: 'r-0-7', res, responseTime: 9, msg: 'request aborted' })
  expect(parse(aborted)).toEqual({ ...usual, whole: false })
  expect(parse(pinoLine({ res, msg: 'request completed' }))).toBeNull()
})
