import { onTestFinished, expect, test } from 'vitest'
import { rmSync } from 'node:fs'
import { makeTemporaryDirectory } from '../../base/files/durable-file.ts'
import { findCaptureObstacle } from '../capture/tcpdump.ts'
import { tools } from '../verify/tools.ts'
import { formatPlays, listDifferences } from './play-table.ts'
import { matchesRule, playTool } from './play-tool.ts'
import type { ToolPlay } from './play-tool.ts'
import { plays } from './plays.ts'

const autocannon = { ...tools.find(({ name }) => name === 'autocannon')!, name: 'autocannon' as const }

test.skipIf(findCaptureObstacle() !== null)(
  'autocannon: the capture and its rule predict what it tells of ends, resets, refusals and 502s',
  { timeout: 60_000 },
  async () => {
    const directory = makeTemporaryDirectory('play-tool-')
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const results: ToolPlay[] = []
    for (const name of ['FIN on a kept connection', 'RST on a kept connection', 'refused', '502']) {
      results.push(
        await playTool(
          autocannon,
          plays.find((play) => play.name === name)!,
          directory,
        ),
      )
    }
    expect(listDifferences(results)).toEqual([])
    expect(results.map(({ lost, told }) => [lost > 10, (told?.failed ?? 0) > 10])).toEqual([
      [true, false],
      [true, true],
      [true, true],
      [true, true],
    ])
  },
)

const play: ToolPlay = {
  tool: 'k6',
  play: '502',
  sent: 100,
  lost: 20,
  told: { failed: 20, good: 80, exitCode: 99 },
  predicted: { failed: 20, good: 80, exitCode: 99 },
}

test('table: lost and told, the exit code where it is not 0, what was predicted where that differs, no figure without a loss', () => {
  const other: ToolPlay = { ...play, tool: 'hey', told: { failed: 0, good: 100, exitCode: 0 } }
  const mute: ToolPlay = { ...play, tool: 'wrk', told: null }
  const none = { failed: 0, good: 40, exitCode: 0 }
  const spared: ToolPlay = { ...play, tool: 'curl', sent: 40, lost: 0, told: none, predicted: none }
  expect(formatPlays([play, other, mute, spared])).toEqual([
    '| fault | k6 | hey | wrk | curl |',
    '| --- | --- | --- | --- | --- |',
    '| 502 | 20 → 20, exit 99 | 20 → 0 (not as predicted: 20, exit 99) | 20 → no result | – |',
  ])
  expect(listDifferences([play, mute])).toEqual([
    'wrk, 502: 100 sent, 20 lost; tells no result; predicted 20 failed, 80 good, exit 99',
  ])
})

test('agreement: to the request, but for the one in flight at the end of a timed run', () => {
  const shifted = { ...play, told: { failed: 20, good: 79, exitCode: 99 } }
  expect([matchesRule(play), matchesRule(shifted), matchesRule({ ...shifted, tool: 'wrk' })]).toEqual([
    true,
    false,
    true,
  ])
  expect(matchesRule({ ...play, told: { ...play.predicted, exitCode: 0 } })).toBe(false)
})
