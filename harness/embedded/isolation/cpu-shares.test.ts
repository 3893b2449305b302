import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { computeNiceness, SessionPriorities } from './cpu-shares.ts'

test.each([
  ['the driver as root', 512, true, -10],
  ['the workload as root', 0, true, 0],
  ['the driver of a user', 512, false, 0],
  ['the workload of a user', 0, false, 10],
  ['a small request as root', 4, true, -3],
  ['a small request of a user', 4, false, 7],
])('CPU shares: %s', (_, shares, mayRaise, nice) => {
  expect(computeNiceness(shares, { own: 0, mayRaise })).toBe(nice)
})

test('CPU shares: from niceness 15 the workload is lowered to 19', () => {
  expect([512, 0].map((shares) => computeNiceness(shares, { own: 15, mayRaise: false }))).toEqual([15, 19])
})

test.skipIf(!existsSync('/proc/self/autogroup'))('CPU shares: several sessions get their niceness', async () => {
  const children = [7, 8, 9].map((nice) => ({ nice, child: spawn('sleep', ['60'], { detached: true }) }))
  try {
    const sessions = new SessionPriorities()
    for (const { nice, child } of children) sessions.setNiceness(child.pid ?? 0, nice)
    const readNiceness = (): string[] =>
      children.map(({ child }) => readFileSync(`/proc/${child.pid}/autogroup`, 'utf8').trim())
    const wanted = children.map(({ nice }) => expect.stringMatching(new RegExp(` nice ${nice}$`)) as string)
    for (
      let tries = 0;
      tries < 100 && !readNiceness().every((line, at) => line.endsWith(` nice ${children[at]?.nice}`));
      tries++
    )
      await sleep(20)
    expect(readNiceness()).toEqual(wanted)
  } finally {
    for (const { child } of children) child.kill('SIGKILL')
  }
})
