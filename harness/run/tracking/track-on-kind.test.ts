/** Connection tracking of a kind node, with a stand-in for docker, whose program outlives it and loses its standard input with it. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { startClock } from '../../base/clock.ts'
import type { LogRecord } from '../../model/record.ts'
import { startTracking } from './track-connections.ts'
import type { Tracking } from './track-connections.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { trackConnections } from '../../cluster/tracking/kind-connections.ts'

const notice = 'NOTICE: Netlink socket buffer size has been set to 8388608 bytes.'
const formatLine = (port: number): string =>
  `[1795982441.604039]\t    [NEW] tcp      6 120 SYN_SENT src=10.244.0.5 dst=10.96.0.10 sport=${port} dport=80 [UNREPLIED] src=10.244.2.3 dst=10.244.0.5 sport=8080 dport=${port}`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-fake-docker-'))
  mkdirSync(join(folder, 'bin'))
  mkdirSync(join(folder, 'node'))
  vi.stubEnv('PATH', `${join(folder, 'bin')}:/usr/bin:/bin`)
  // As docker exec --interactive NODE PROGRAM…: in the node it has a session of its own, and the node's programs.
  writeProgram(
    'bin/docker',
    `[ "$1 $2 $3" = "exec --interactive node-1" ] || { echo "Error response from daemon: No such container: $3" >&2; sleep 0.2; exit 1; }
shift 3
mkfifo '${folder}/input'
exec 3<&0
cat <&3 > '${folder}/input' &
exec 3<&-
PATH='${join(folder, 'node')}:/usr/bin:/bin' setsid --wait "$@" < '${folder}/input'`,
  )
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

function writeProgram(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

/** What conntrack of the node does after it has printed its version. */
function writeConntrack(...lines: string[]): void {
  writeProgram('node/conntrack', `echo $$ > '${folder}/pid'\n${lines.join('\n')}`)
}

interface Tracked {
  tracking: Tracking
  records: LogRecord[]
  states: () => unknown[]
  ports: () => number[]
}

async function track(node = 'node-1'): Promise<Tracked> {
  const records: LogRecord[] = []
  const tracking = await startTracking({
    trackConnections,
    api: {} as KubeApi,
    drivers: [{ node, ip: '10.244.0.5' }],
    target: { host: '10.96.0.10', port: 80 },
    most: 100,
    clock: startClock(),
    nodeClock: { aheadUs: 0, errorUs: 0 },
    write: (record) => records.push(record),
    signal: new AbortController().signal,
  })
  onTestFinished(() => tracking.stop())
  return {
    tracking,
    records,
    states: () => records.flatMap((record) => (record.type === 'tracking' ? [[record.state, record.why]] : [])),
    ports: () => records.flatMap((record) => (record.type === 'translation' ? record.ports : [])),
  }
}

function isRunning(): boolean {
  const pid = readFileSync(join(folder, 'pid'), 'utf8').trim()
  return existsSync(`/proc/${pid}`)
}

test('tracking on kind: conntrack of the node is ended with it', async () => {
  writeConntrack(`echo '${notice}'`, `echo '${formatLine(40_000)}'`, 'exec sleep 60')
  const { tracking, states, ports } = await track()
  expect(isRunning()).toBe(true)
  await tracking.stop()
  expect(states()).toEqual([
    ['on', null],
    ['off', null],
  ])
  expect(ports()).toEqual([40_000])
  await expect.poll(isRunning, { timeout: 10_000 }).toBe(false)
})

test('tracking on kind: a node without conntrack is told', async () => {
  const { states } = await track()
  expect(states()).toEqual([['off', expect.stringMatching(/failed to execute conntrack/)]])
})

test('tracking on kind: a container that is gone is told in the words of Docker', async () => {
  const { states } = await track('node-2')
  expect(states()).toEqual([['off', 'Error response from daemon: No such container: node-2']])
})

test('tracking on kind: a machine without Docker is told', async () => {
  rmSync(join(folder, 'bin/docker'))
  vi.stubEnv('PATH', join(folder, 'bin'))
  const { states } = await track()
  expect(states()).toEqual([['off', expect.stringMatching(/docker/)]])
})

test.each([
  ['is killed', 'kill -9 $$', 'Killed'],
  ['ends without a word', 'exit 0', 'conntrack ended'],
])(
  'tracking on kind: a reader that %s before its time is told, and no line before it taken for the reason',
  async (_, ending, why) => {
    writeConntrack(`echo '${notice}'`, `echo '${formatLine(40_000)}'`, ending)
    const { states, ports } = await track()
    await expect.poll(states, { timeout: 10_000 }).toEqual([
      ['on', null],
      ['off', why],
    ])
    expect(ports()).toEqual([40_000])
  },
)

test('tracking on kind: garbage is passed over, and what comes behind it is kept', async () => {
  writeConntrack(
    `echo '${notice}'`,
    `head -c 300000 /dev/urandom`,
    'echo',
    `echo '${formatLine(40_002)}'`,
    'exec sleep 60',
  )
  const { tracking, ports } = await track()
  await expect.poll(ports, { timeout: 10_000 }).toEqual([40_002])
  await tracking.stop()
})

test('tracking on kind: a line without an end ends the reading, and conntrack with it', async () => {
  writeConntrack(`echo '${notice}'`, 'yes | tr -d "\\n" & wait')
  const { states } = await track()
  await expect.poll(states, { timeout: 10_000 }).toHaveLength(2)
  expect(states().at(-1)).toEqual(['off', expect.stringMatching(/line .* more than/)])
  await expect.poll(isRunning, { timeout: 10_000 }).toBe(false)
})
