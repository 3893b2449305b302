import { expect, test } from 'vitest'
import { exampleLogs } from './example-logs.ts'
import { listMoments } from './list-moments.ts'

test('uvicorn log: one process stops accepting when it begins to shut down', () => {
  expect(listMoments(exampleLogs.uvicorn)).toEqual(
    [
      ['Uvicorn running on http://127.0.0.1:18080 (Press CTRL+C to quit)', 'started', null],
      ['Shutting down', 'stopped-accepting', null],
      ['Finished server process [30379]', 'exited', null],
    ].map(([text, ...told]) => [`INFO:     ${text}`, ...told]),
  )
})

/** uvicorn 0.54.0 with `--workers 2`, sent TERM. */
const twoWorkers = [
  'Uvicorn running on http://127.0.0.1:18080 (Press CTRL+C to quit)',
  'Started parent process [30831]',
  'Started server process [30887]',
  'Waiting for application startup.',
  'Application startup complete.',
  'Started server process [30885]',
  'Waiting for application startup.',
  'Application startup complete.',
  '127.0.0.1:57034 - "GET / HTTP/1.1" 200 OK',
  'Received SIGTERM, exiting.',
  'Terminated child process [30885]',
  'Terminated child process [30887]',
  'Waiting for child process [30885]',
  'Shutting down',
  'Shutting down',
  'Waiting for application shutdown.',
  'Application shutdown complete.',
  'Finished server process [30887]',
  'Waiting for connections to close. (CTRL+C to force quit)',
  '127.0.0.1:57050 - "GET /slow HTTP/1.1" 200 OK',
  'Waiting for application shutdown.',
  'Application shutdown complete.',
  'Finished server process [30885]',
  'Waiting for child process [30887]',
  'Stopping parent process [30831]',
]
const listOfWorkers = (lines: readonly string[]): unknown[] => listMoments(lines.map((line) => `INFO:     ${line}`))
const started = ['INFO:     Uvicorn running on http://127.0.0.1:18080 (Press CTRL+C to quit)', 'started', null]
const signalled = ['INFO:     Received SIGTERM, exiting.', 'signal', 'SIGTERM']

test('uvicorn log: with workers the parent has the signal, and the last of them closes the port', () => {
  expect(listOfWorkers(twoWorkers)).toEqual([
    started,
    signalled,
    ['INFO:     Shutting down', 'stopped-accepting', null],
    ['INFO:     Stopping parent process [30831]', 'exited', null],
  ])
  expect(listOfWorkers(twoWorkers.slice(0, 14))).toEqual([started, signalled])
})

test('uvicorn log: workers that are replaced one after the other close no port', () => {
  const hangup = [
    'Received SIGHUP, restarting processes.',
    'Shutting down',
    'Finished server process [30885]',
    'Started server process [31001]',
    'Shutting down',
    'Finished server process [30887]',
    'Started server process [31002]',
  ]
  expect(listOfWorkers([...twoWorkers.slice(0, 9), ...hangup])).toEqual([started])
})

test('uvicorn log: its words in the log of another program say nothing', () => {
  expect(listMoments(['Shutting down', 'INFO:     Shutting down', 'INFO:root:Shutting down'])).toEqual([])
})
