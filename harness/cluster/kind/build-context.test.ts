import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashBuildContext } from './build-context.ts'

let folder: string
let extra: Record<string, string>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-context-'))
  mkdirSync(join(folder, 'app', 'conf'), { recursive: true })
  writeFileSync(join(folder, 'app', 'Dockerfile'), 'FROM debian:bookworm-slim\n')
  writeFileSync(join(folder, 'app', 'conf', 'start.sh'), 'exec true\n')
  writeFileSync(join(folder, 'elsewhere'), 'x')
  extra = { tool: join(folder, 'elsewhere') }
})
afterEach(() => rmSync(folder, { recursive: true }))

const hashApp = (): Promise<string> => hashBuildContext({ folder: join(folder, 'app'), extra })

test('build context: its hash depends on names, contents and modes', async () => {
  const before = await hashApp()
  utimesSync(join(folder, 'app', 'Dockerfile'), 1, 1)
  chmodSync(join(folder, 'app', 'Dockerfile'), 0o600)
  expect(await hashApp()).toBe(before)
  expect(before).toMatch(/^[0-9a-f]{16}$/)
})

test.each<[string, () => void]>([
  ['the content of a file', () => writeFileSync(join(folder, 'app', 'conf', 'start.sh'), 'exec fals\n')],
  [
    'the name of a file',
    () => renameSync(join(folder, 'app', 'conf', 'start.sh'), join(folder, 'app', 'conf', 'begin.sh')),
  ],
  ['the permission to execute', () => chmodSync(join(folder, 'app', 'conf', 'start.sh'), 0o755)],
  ['a further file', () => writeFileSync(join(folder, 'app', 'new'), '')],
  ['the content of a file from elsewhere', () => writeFileSync(join(folder, 'elsewhere'), 'y')],
  ['the name of a file from elsewhere', () => (extra = { other: join(folder, 'elsewhere') })],
])('the hash changes with %s', async (_, change) => {
  const before = await hashApp()
  change()
  expect(await hashApp()).not.toBe(before)
})
