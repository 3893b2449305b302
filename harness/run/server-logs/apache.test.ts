import { expect, test } from 'vitest'
import { exampleLogs } from './example-logs.ts'
import { listMoments } from './list-moments.ts'

/** The moments of the lines, by the number of each line in the log of Apache. */
function listMessages(lines: readonly string[]): [number: string | undefined, moment: string, detail: string | null][] {
  return listMoments(lines).map(([line, ...told]) => [/AH\d{5}/.exec(line)?.[0], ...told])
}
const start =
  '[Sun Nov 29 17:35:03.348511 2026] [mpm_prefork:notice] [pid 1:tid 1] AH00163: Apache/2.4.71 (Debian) configured -- resuming normal operations'

test('Apache log: on WINCH it has stopped accepting when it says so', () => {
  expect(listMessages(exampleLogs.apache)).toEqual([
    ['AH00489', 'started', null],
    ['AH00492', 'signal', 'SIGWINCH'],
    ['AH00492', 'stopped-accepting', null],
  ])
})

test('Apache log: of TERM it tells when its children are gone, so that only its end is known', () => {
  const end =
    '[Sun Nov 29 17:35:06.759097 2026] [mpm_prefork:notice] [pid 1:tid 1] AH00169: caught SIGTERM, shutting down'
  expect(listMessages([start, end])).toEqual([
    ['AH00163', 'started', null],
    ['AH00169', 'exited', null],
  ])
})

test('Apache log: a restart in the same process is no start', () => {
  const restarts = [
    '[Sun Nov 29 17:35:04.328772 2026] [mpm_prefork:notice] [pid 1:tid 1] AH00171: Graceful restart requested, doing restart',
    start,
    '[Sun Nov 29 17:35:05.555060 2026] [mpm_prefork:notice] [pid 1:tid 1] AH00173: SIGHUP received.  Attempting to restart',
    start,
    '[Sun Nov 29 17:35:00.849902 2026] [mpm_event:notice] [pid 1:tid 1] AH00493: SIGUSR1 received.  Doing graceful restart',
    start,
  ]
  expect(listMessages([start, ...restarts])).toEqual([['AH00163', 'started', null]])
  // A killed process writes nothing.
  expect(listMessages([start, ...restarts, start])).toHaveLength(2)
})

test('Apache log: mpm_worker and lines without a thread', () => {
  expect(
    listMessages([
      '[Sun Nov 29 17:35:07.787474 2026] [mpm_worker:notice] [pid 1] AH00296: caught SIGWINCH, shutting down gracefully',
    ]),
  ).toEqual([
    ['AH00296', 'signal', 'SIGWINCH'],
    ['AH00296', 'stopped-accepting', null],
  ])
})
