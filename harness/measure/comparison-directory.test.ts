import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createComparison, findMissingDirectory, removeEmptyDirectories } from './comparison-directory.ts'

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-comparison-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

const now = new Date('2026-03-04T05:06:07.890Z')

test('directory: named by the time, for its owner only, and never that of another comparison that begins then', () => {
  const out = makeFolder()
  const made = Array.from({ length: 3 }, () => createComparison(out, now))
  expect(made.map(({ id }) => id)).toEqual(['20260304-050607', '20260304-050607-2', '20260304-050607-3'])
  expect(made.map(({ directory }) => statSync(directory).mode & 0o777)).toEqual([0o700, 0o700, 0o700])
})

test('directory: where it cannot be made that is told', () => {
  const out = join(makeFolder(), 'out')
  writeFileSync(out, '')
  expect(() => createComparison(out, now)).toThrow(/^Cannot make the directory .*out/)
})

test('directory: one without a run goes, with those that were made for it, and no others', () => {
  const folder = makeFolder()
  const out = join(folder, 'nodrop-report/runs')
  const missing = findMissingDirectory(out)
  const [first, second] = [createComparison(out, now), createComparison(out, now)]
  writeFileSync(join(second.directory, 'plan.json'), '')
  removeEmptyDirectories(second.directory, missing)
  removeEmptyDirectories(first.directory, missing)
  expect([existsSync(first.directory), existsSync(second.directory)]).toEqual([false, true])
  rmSync(join(second.directory, 'plan.json'))
  removeEmptyDirectories(second.directory, missing)
  expect([existsSync(join(folder, 'nodrop-report')), existsSync(folder)]).toEqual([false, true])
})

test('directory: what was there before stays, though it is empty', () => {
  const out = makeFolder()
  const { directory } = createComparison(out, now)
  removeEmptyDirectories(directory, findMissingDirectory(out))
  expect([existsSync(directory), existsSync(out)]).toEqual([false, true])
})
