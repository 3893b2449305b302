import { expect, test } from 'vitest'
import { formatCommandLine, subscribeToTraces, traceApiCall, traceProcess } from './tracing.ts'
import type { Trace } from './tracing.ts'

test('tracing: a listener gets what ends while it listens', () => {
  const seen: Trace[] = []
  const early = traceApiCall('GET', '/version')
  traceProcess(['true'])(0)
  {
    using _listener = subscribeToTraces((trace) => seen.push(trace))
    early(200)
    traceProcess(['docker', 'ps'])('SIGKILL')
  }
  traceApiCall('GET', '/late')(200)
  expect(seen).toEqual([
    { kind: 'api', method: 'GET', path: '/version', result: 200, durationMs: expect.any(Number) },
    { kind: 'process', command: 'docker ps', result: 'SIGKILL', durationMs: expect.any(Number) },
  ])
})

test('tracing: of arguments that are not shown their number is told', () => {
  const seen: Trace[] = []
  using _listener = subscribeToTraces((trace) => seen.push(trace))
  for (const argv of [['helm', 'upgrade', '--set', 'db.password=hunter2'], ['make', 'hunter2'], ['deploy now']])
    traceProcess(argv, { hidesArguments: true })(0)
  expect(seen).toMatchObject([
    { command: 'helm (3 arguments)' },
    { command: 'make (1 argument)' },
    { command: "'deploy now' (0 arguments)" },
  ])
})

test.each<[argv: string[], shown: string]>([
  [['kubectl', '--token=abc', '--token', 'def', 'get', 'pods'], 'kubectl --token=… --token … get pods'],
  [['docker', 'run', '-e', 'DB_PASSWORD=hunter2', '-e', 'A=b'], 'docker run -e DB_PASSWORD=… -e A=b'],
  [
    ['curl', '-H', 'Authorization: Bearer x', 'https://me:pw@host/a?key=1'],
    "curl -H Authorization:… 'https://host/a?…'",
  ],
  [['node', 'main.ts', '{"token":"x"}'], 'node main.ts …'],
  [['aws', 'eks', 'get-token', '--cluster-name', 'prod'], 'aws eks get-token --cluster-name prod'],
  [['sh', '-c', 'echo "it is"'], `sh -c 'echo "it is"'`],
  [['sh', 'x'.repeat(500)], `sh ${'x'.repeat(120)}…`],
])('tracing: a command line without its secrets: %j', (argv, shown) => {
  expect(formatCommandLine(argv)).toBe(shown)
})
