import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { WatchSession } from '../../model/watch/watch-session.ts'
import { getWatchPath, readWatch, writeWatch } from './watch-file.ts'

const session: WatchSession = {
  schema: 1,
  id: 'x',
  target: 'deployment/shop',
  namespace: 'shop',
  ratePerSecond: 20,
  began: '2026-01-01T00:00:00.000Z',
  durationUs: 5,
  ending: null,
  unseen: 0,
  ledger: { planned: 3, background: 2, episodes: 1 },
  background: {
    outcomes: { ok: 1, refused: 1 },
    control: { sent: 0, lost: 0 },
    latency: { counts: [7, 1], maxUs: 7 },
    spanUs: 60e6,
    spans: [{ sent: 2, lost: 1 }],
  },
  episodes: [
    { number: 1, dir: null, what: 'rollout', fromUs: 1, toUs: 2, verdict: 'passed', sent: 1, lost: 0, sentence: 'x' },
  ],
  forgotten: { passed: 0, failed: 0, unknown: 0 },
}

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-watch-file-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('watch.json: what was written is read again', () => {
  const folder = createFolder()
  expect(readWatch(folder)).toBeNull()
  writeWatch(folder, session)
  expect(readWatch(folder)).toEqual(session)
})

test.each([
  ['a directory elsewhere', { episodes: [{ ...session.episodes[0], dir: '../..' }] }],
  ['an outcome that there is not', { background: { ...session.background, outcomes: { fine: 1 } } }],
  ['another schema', { schema: 2 }],
])('watch.json: %s is refused', (_, damage) => {
  const folder = createFolder()
  writeFileSync(getWatchPath(folder), JSON.stringify({ ...session, ...damage }))
  expect(() => readWatch(folder)).toThrow(/is not that of a watch/)
})
