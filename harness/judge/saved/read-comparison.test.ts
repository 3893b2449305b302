import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { getRecordedDir } from '../../testing/recorded-runs.ts'
import { readSavedComparison } from './read-comparison.ts'

const recorded = getRecordedDir('rollout-naive-local')

test('a run whose analysis another nodrop wrote: is judged again, from its log', async () => {
  const directory = mkdtempSync(`${tmpdir()}/nodrop-saved-`)
  onTestFinished(() => rmSync(directory, { recursive: true }))
  cpSync(recorded, directory, { recursive: true })
  writeFileSync(`${directory}/analysis.json`, '{"schema":1}')
  const { runs } = await readSavedComparison(directory)
  expect(runs.map(({ dir, analysis }) => [dir, analysis.verdict])).toEqual([['.', 'failed']])
  expect((await readSavedComparison(directory)).runs).toEqual(JSON.parse(JSON.stringify(runs)))
})

test('a directory without a run: is refused with what to give', async () => {
  await expect(readSavedComparison(import.meta.dirname)).rejects.toThrow('there is no run in it')
})
