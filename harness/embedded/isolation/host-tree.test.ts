import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readHostTree } from './host-tree.ts'

function getCopiesDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-copies-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

test('Host tree: without locked mounts an overlay a top-level directory', async () => {
  const copiesDirectory = getCopiesDirectory()
  const { overlays, links } = await readHostTree({ copiesDirectory, lockedMounts: new Set(), hidden: [] })
  expect(overlays).toContainEqual({ target: '/usr', lowers: ['/usr'], mode: statSync('/usr').mode })
  expect(overlays.filter(({ target }) => target.startsWith('/etc/'))).toEqual([])
  expect([...overlays.map(({ target }) => target), ...links.map(({ name }) => `/${name}`)]).toContain('/bin')
  expect(readdirSync(copiesDirectory).filter((name) => !name.startsWith('mask'))).toEqual(['var'])
})

test('Host tree: a directory above a locked mount is copied', async () => {
  const copiesDirectory = getCopiesDirectory()
  const lockedMounts = new Set(['/etc/ssl/certs', '/etc/hostname', '/', '/proc'])
  const { overlays } = await readHostTree({ copiesDirectory, lockedMounts, hidden: [] })
  const below = overlays.filter(({ target }) => /^\/etc(\/|$)/.test(target))
  expect(below[0]).toMatchObject({
    target: '/etc',
    lowers: [join(copiesDirectory, 'mask/etc'), join(copiesDirectory, 'etc')],
  })
  expect(below).toContainEqual({ target: '/etc/apt', lowers: ['/etc/apt'], mode: statSync('/etc/apt').mode })
  const targets = below.map(({ target }) => target)
  expect(targets.filter((target) => /^\/etc\/ssl($|\/certs)/.test(target))).toEqual([])
  expect(existsSync(join(copiesDirectory, 'etc/passwd'))).toBe(true)
  expect(existsSync(join(copiesDirectory, 'etc/hostname'))).toBe(false)
  expect(existsSync(join(copiesDirectory, 'etc/ssl/certs'))).toBe(false)
  // The mount point of an overlay must exist.
  for (const target of targets) expect(existsSync(join(copiesDirectory, target))).toBe(true)
})

test('Host tree: hidden directories are empty', async () => {
  const hidden = ['/usr/share', '/home', '/nowhere', '/etc/passwd']
  const { overlays } = await readHostTree({ copiesDirectory: getCopiesDirectory(), lockedMounts: new Set(), hidden })
  expect(overlays.at(-1)).toEqual({ target: '/usr/share', lowers: [], mode: 0o755 })
  expect(overlays.filter(({ target }) => hidden.includes(target)).map(({ target }) => target)).toEqual([
    '/home',
    '/usr/share',
  ])
})

test('Host tree: of /var there is what packages brought', async () => {
  const copiesDirectory = getCopiesDirectory()
  await readHostTree({ copiesDirectory, lockedMounts: new Set(), hidden: [] })
  const isVisible = (path: string): boolean => existsSync(join(copiesDirectory, 'var', path))
  expect(['log', 'lib/dpkg', 'tmp'].filter((path) => !isVisible(path))).toEqual([])
  expect(['lib/dpkg/status', 'lib/docker', 'log/dpkg.log'].filter(isVisible)).toEqual([])
  expect(statSync(join(copiesDirectory, 'var/tmp')).mode & 0o7777).toBe(0o1777)
})
