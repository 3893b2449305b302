/** Reports of a directory in which nothing can be written. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getRecordedDir } from '../testing/recorded-runs.ts'
import { runNodrop } from './stage/nodrop-process.ts'

const canMount =
  spawnSync('unshare', ['--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0
let run = ''
beforeAll(() => {
  run = mkdtempSync(join(tmpdir(), 'nodrop-unwritable-'))
  cpSync(getRecordedDir('rollout-naive-local'), run, { recursive: true })
})
afterAll(() => rmSync(run, { recursive: true }))

/** Runs the command in its own mount namespace, prepared by the script; `$dir` is the run's directory. */
const runAfter = (script: string): string[] => {
  const whole = `dir=$1; shift; ${script}`
  return ['unshare', '--map-root-user', '--mount', 'sh', '-c', whole, 'sh', run]
}

test.skipIf(!canMount)('a read-only folder: what was found is printed, and that nothing was written', async () => {
  const readOnly = 'mount --bind "$dir" "$dir" && mount -o remount,bind,ro "$dir" && exec "$@"'
  const { code, stdout, stderr } = await runNodrop(['report', run], { through: runAfter(readOnly) })
  expect(stdout).toMatch(/naive[^]*Report: not written\n$/)
  expect(stderr).toBe(
    `nodrop: Cannot write ${run}/analysis.json: read-only file system (EROFS); the same goes for 4 more files\n` +
      'Choose a directory in which files can be written.\n',
  )
  expect(code).toBe(3)
  expect(readdirSync(run).sort()).toEqual(['events.jsonl.zst', 'plan.json'])
})

test.skipIf(!canMount)('a full disk: earlier files are as they were, and nothing is left beside them', async () => {
  const full = `cp -r "$dir" /tmp/copy.$$ && mount -t tmpfs -o size=256k none "$dir" && mv /tmp/copy.$$/* "$dir" && rmdir /tmp/copy.$$ &&
    for name in analysis.json report.html junit.xml summary.md; do echo "before of $name" > "$dir/$name"; done
    cat /dev/zero > "$dir/filling" 2> /dev/null
    "$@"; code=$?
    ls "$dir"; cat "$dir/analysis.json" "$dir/report.html" "$dir/junit.xml" "$dir/summary.md"; exit $code`
  const { code, stdout, stderr } = await runNodrop(['report', run], { through: runAfter(full) })
  const names = ['analysis.json', 'report.html', 'junit.xml', 'summary.md']
  const there = ['analysis.json', 'events.jsonl.zst', 'filling', 'junit.xml', 'plan.json', 'report.html', 'summary.md']
  expect(stdout).toMatch(/Report: not written\n/)
  expect(stdout.split('Report: not written\n')[1]).toBe(
    [...there, ...names.map((name) => `before of ${name}`), ''].join('\n'),
  )
  expect(stderr).toMatch(
    /^nodrop: Cannot write .*analysis\.json: no space left on device \(ENOSPC\); the same goes for 4/,
  )
  expect(code).toBe(3)
})
