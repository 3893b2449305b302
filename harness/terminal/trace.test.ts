import { expect, test } from 'vitest'
import type { Trace } from '../base/tracing.ts'
import { renderLine } from './text.ts'
import { formatTrace } from './trace.ts'

test.each<[Trace, string]>([
  [{ kind: 'api', method: 'GET', path: '/version', result: 200, durationMs: 12.3 }, 'api GET /version: 200, 12.3 ms'],
  [
    { kind: 'api', method: 'PATCH', path: '/x', result: 'socket hang up', durationMs: 0.42 },
    'api PATCH /x: socket hang up, 420 µs',
  ],
  [{ kind: 'process', command: 'docker ps', result: 0, durationMs: 1500 }, 'process docker ps: exit code 0, 1.5 s'],
  [{ kind: 'process', command: 'kind', result: 'SIGKILL', durationMs: 90 }, 'process kind: SIGKILL, 90 ms'],
  [
    { kind: 'process', command: 'sh \u001B[2J', result: 'ENOENT', durationMs: 1 },
    String.raw`process sh \x1b[2J: ENOENT, 1 ms`,
  ],
])('verbose: a line for each call and process, plain: %j', (trace, line) => {
  expect(renderLine(formatTrace(trace), process.stderr)).toBe(line)
})
