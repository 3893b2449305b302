import { onTestFinished, expect, test, vi } from 'vitest'
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTemporaryDirectory } from '../../base/files/durable-file.ts'
import { installTools } from './install-tools.ts'

/** A folder as the only PATH entry, with these programs as shell scripts. */
function makePath(programs: Record<string, string>): string {
  const folder = makeTemporaryDirectory('install-tools-')
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  vi.stubEnv('PATH', folder)
  return folder
}

test('install: go gets the version and the folder, cargo the version as it was locked; what is there is left alone', async () => {
  const folder = makePath({
    go: 'echo "$GOBIN $@" >> "${0%/*}/asked"',
    cargo: 'echo "$@" >> "${0%/*}/asked"',
    hey: 'true',
  })
  const lines: string[] = []
  const without = await installTools(['k6', 'hey', 'oha', 'wrk'], { folder, log: (line) => lines.push(line) })
  expect([...without]).toEqual([])
  expect(readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n')).toEqual([
    expect.stringMatching(/\/bin install go\.k6\.io\/k6@v1\.\d+\.\d+$/),
    expect.stringMatching(/^install oha --version 1\.\d+\.\d+ --locked --root /),
  ])
  expect(lines.map((line) => line.split(' ')[1])).toEqual(['k6', 'oha'])
})

test('install: a tool is left out with the reason: no client, a refusal, a build that does not end', async () => {
  const folder = makePath({ cargo: 'echo error: the registry says no >&2; exit 101' })
  expect([...(await installTools(['k6', 'oha'], { folder, log: () => {} }))]).toEqual([
    ['k6', 'it takes go, which this machine does not have'],
    ['oha', 'error: the registry says no'],
  ])
  const slow = makePath({ cargo: 'exec /bin/sleep 60', go: 'echo > "${0%/*}/asked"' })
  expect([...(await installTools(['oha', 'k6'], { folder: slow, log: () => {}, limitMs: 300 }))]).toEqual([
    ['oha', expect.stringContaining('had not ended after 0.3 s')],
  ])
  expect(existsSync(join(slow, 'asked'))).toBe(true)
})
