import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { runChecked } from '../runtime/command.ts'
import { findInTree, makeDirectoryInTree, resolveInLayer, resolveInTree } from './file-tree.ts'
import type { FileTree } from './file-tree.ts'

let tree: FileTree
let paths: { upper: string; lower: string; host: string }

/** /usr is an overlay over a directory of the host, /usr/share/doc an empty one in it; two layers. */
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'nodrop-tree-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  paths = { upper: join(root, 'upper'), lower: join(root, 'lower'), host: join(root, 'host') }
  for (const path of ['upper/0', 'upper/root', 'lower/0/bin', 'lower/root/app', 'host/bin', 'host/lib']) {
    mkdirSync(join(root, path), { recursive: true })
  }
  tree = {
    overlays: [
      { target: '/usr', lowers: [paths.host], mode: 0o755 },
      { target: '/usr/share/doc', lowers: [], mode: 0o700 },
    ],
    layers: [paths.upper, paths.lower],
  }
})

test('file tree: a layer has a directory for each overlay’s part', () => {
  const places = ['/usr', '/usr/bin/x', '/usrx', '/usr/share/doc/a', '/usr/share/docs', '/app'].map((path) =>
    resolveInLayer('/L', tree.overlays, path),
  )
  expect(places).toEqual(['/L/0', '/L/0/bin/x', '/L/root/usrx', '/L/1/a', '/L/0/share/docs', '/L/root/app'])
})

test('file tree: the topmost layer that has a path shows it', async () => {
  for (const place of [join(paths.host, 'bin/tool'), join(paths.lower, '0/bin/tool')]) writeFileSync(place, '')
  writeFileSync(join(paths.host, 'bin/other'), '')
  const found = await Promise.all(
    ['/usr/bin/tool', '/usr/bin/other', '/usr/bin/none'].map((path) => findInTree(tree, path)),
  )
  expect(found.map((one) => one?.place)).toEqual([
    join(paths.lower, '0/bin/tool'),
    join(paths.host, 'bin/other'),
    undefined,
  ])
})

test.skipIf(process.getuid?.() !== 0)('file tree: what a layer has removed is not there', async () => {
  writeFileSync(join(paths.host, 'bin/tool'), '')
  await runChecked(['mknod', join(paths.lower, '0/bin/tool'), 'c', '0', '0'])
  expect(await findInTree(tree, '/usr/bin/tool')).toBeNull()
})

test('file tree: links are followed from layer to layer', async () => {
  symlinkSync('usr/bin', join(paths.upper, 'root/bin'))
  symlinkSync('/app', join(paths.host, 'bin/app'))
  symlinkSync('../../etc', join(paths.lower, 'root/app/up'))
  expect(await resolveInTree(tree, '/bin/app/up/new/file')).toBe('/etc/new/file')
  expect(await resolveInTree(tree, '/nowhere/at/all')).toBe('/nowhere/at/all')
})

test('file tree: links in a circle are an error', async () => {
  symlinkSync('/b', join(paths.upper, 'root/a'))
  symlinkSync('/a', join(paths.lower, 'root/b'))
  await expect(resolveInTree(tree, '/a/x')).rejects.toThrow('too many symbolic links')
})

test('file tree: a new directory has the permissions of the one below', async () => {
  chmodSync(join(paths.host, 'lib'), 0o2711)
  const made = await makeDirectoryInTree(tree, '/usr/lib/new')
  expect(made).toBe(join(paths.upper, '0/lib/new'))
  const modes = ['0/lib', '0/lib/new'].map((path) => lstatSync(join(paths.upper, path)).mode & 0o7777)
  expect(modes).toEqual([0o2711, 0o755])
})

test('file tree: an empty overlay’s top has the overlay’s permissions', async () => {
  await makeDirectoryInTree(tree, '/usr/share/doc/pkg')
  expect(lstatSync(join(paths.upper, '1')).mode & 0o7777).toBe(0o700)
})
