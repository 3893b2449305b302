import { expect, test } from 'vitest'
import { exampleLogs } from './example-logs.ts'
import { createLineParser } from './server-log.ts'

/** The moments of the lines, with the number of each line. */
function parseLines(lines: readonly string[]): [line: number, moment: string, detail: string | null][] {
  const read = createLineParser()
  return lines.flatMap((line, index): [number, string, string | null][] => {
    const found = read(line)
    if (found === null || 'id' in found) return []
    return [found].flat().map(({ moment, detail }): [number, string, string | null] => [index, moment, detail])
  })
}
const nginxLine = (pid: number, text: string): string => `2026/11/25 03:00:00 [notice] ${pid}#${pid}: ${text}`
const gunicornLine = (pid: number, text: string): string => `[2026-11-25 03:00:00 +0000] [${pid}] [INFO] ${text}`
const begin = [
  nginxLine(1, 'using the "epoll" event method'),
  nginxLine(1, 'nginx/1.22.1'),
  nginxLine(1, 'start worker processes'),
  nginxLine(1, 'start worker process 20'),
  nginxLine(1, 'start worker process 21'),
]

test('nginx log: a termination has a signal, a last worker and an exit', () => {
  const end = [
    nginxLine(1, 'signal 15 (SIGTERM) received from 0, exiting'),
    nginxLine(20, 'exiting'),
    nginxLine(20, 'exit'),
    nginxLine(21, 'signal 15 (SIGTERM) received from 1, exiting'),
    nginxLine(21, 'exiting'),
    nginxLine(21, 'exit'),
    nginxLine(1, 'signal 17 (SIGCHLD) received from 21'),
    nginxLine(1, 'worker process 20 exited with code 0'),
    nginxLine(1, 'worker process 21 exited with code 0'),
    nginxLine(1, 'exit'),
  ]
  expect(parseLines([...begin, ...end])).toEqual([
    [2, 'started', null],
    [5, 'signal', 'SIGTERM'],
    [9, 'stopped-accepting', null],
    [14, 'exited', null],
  ])
})

test('nginx log: on QUIT it stops accepting long before it exits', () => {
  const end = [
    nginxLine(1, 'signal 3 (SIGQUIT) received from 40, shutting down'),
    nginxLine(21, 'gracefully shutting down'),
    nginxLine(20, 'gracefully shutting down'),
    nginxLine(20, 'exiting'),
    nginxLine(21, 'exiting'),
    nginxLine(1, 'exit'),
  ]
  expect(parseLines([...begin, ...end])).toEqual([
    [2, 'started', null],
    [5, 'signal', 'SIGQUIT'],
    [7, 'stopped-accepting', null],
    [10, 'exited', null],
  ])
})

test('nginx log: after a reload the new workers accept', () => {
  const reload = [
    nginxLine(1, 'signal 1 (SIGHUP) received from 40, reconfiguring'),
    nginxLine(1, 'start worker processes'),
    nginxLine(1, 'start worker process 50'),
    nginxLine(20, 'gracefully shutting down'),
    nginxLine(21, 'gracefully shutting down'),
  ]
  expect(parseLines([...begin, ...reload])).toEqual([[2, 'started', null]])
})

test('nginx log: one that was killed starts anew', () => {
  const end = [
    nginxLine(1, 'signal 3 (SIGQUIT) received from 40, shutting down'),
    nginxLine(20, 'gracefully shutting down'),
  ]
  expect(parseLines([...begin, ...begin.with(3, nginxLine(1, 'start worker process 30')), ...end])).toEqual([
    [2, 'started', null],
    [7, 'started', null],
    [10, 'signal', 'SIGQUIT'],
  ])
})

test('gunicorn log: its master listens, handles its signal, shuts down', () => {
  const lines = [
    gunicornLine(1, 'Starting gunicorn 20.1.0'),
    gunicornLine(1, 'Listening at: http://0.0.0.0:8000 (1)'),
    gunicornLine(7, 'Booting worker with pid: 7'),
    gunicornLine(1, 'Handling signal: term'),
    gunicornLine(7, 'Worker exiting (pid: 7)'),
    gunicornLine(1, 'Shutting down: Master'),
  ]
  expect(parseLines(lines)).toEqual([
    [1, 'started', null],
    [3, 'signal', 'SIGTERM'],
    [5, 'exited', null],
  ])
})

test('server logs: lines of anyone else say nothing', () => {
  expect(parseLines(['', 'exit', 'signal 15 (SIGTERM) received', '{"id":"x"}', nginxLine(9, 'exit code')])).toEqual([])
})

test('server logs: requests in a log without ids say nothing', () => {
  const { nginx, gunicorn, uvicorn, apache } = exampleLogs
  const requests = [nginx, gunicorn, uvicorn, apache].flat().filter((line) => line.includes('HTTP/1.1"'))
  expect(requests.length).toBeGreaterThan(1)
  expect(requests.map(createLineParser())).toEqual(requests.map(() => null))
})

test('nginx access log: upstreams’ answers stand where they differ', () => {
  const accessLine = (upstream: string, complete = 'OK'): string =>
    `{"t":1.5,"id":"r-0-7","status":200,"upstream":"${upstream}","seconds":0.101,"connection":3,"use":1,"complete":"${complete}"}`
  const usual = { role: 'proxy', id: 'r-0-7', status: 200, tookUs: 101_000, upstream: null, whole: true }
  expect(createLineParser()(accessLine('200'))).toEqual(usual)
  expect(createLineParser()(accessLine('502, 200'))).toEqual({ ...usual, upstream: '502, 200' })
  expect(createLineParser()(accessLine('', ''))).toEqual({ ...usual, upstream: '', whole: false })
})

test('gunicorn access log: a request has a status and a duration', () => {
  expect(createLineParser()('{"id":"r-0-7","status":200,"us":100123,"pid":"<7>"}')).toEqual({
    role: 'application',
    id: 'r-0-7',
    status: 200,
    tookUs: 100_123,
    upstream: null,
    whole: true,
  })
})
