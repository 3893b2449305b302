import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { canChangeOwners } from '../isolation/credentials.ts'
import type { CopyStep } from './dockerfile.ts'
import { copyIntoLayer } from './image-copy.ts'
import type { BindMountedFile } from './image-copy.ts'

const accounts = { passwd: 'root:x:0:0::/root:/bin/sh\nweb:x:33:34::/:/bin/sh\n', group: 'root:x:0:\nweb:x:34:\n' }
let place: { folder: string; layer: string; below: string }

/** A build context with a few files, an empty layer, and one below it with /opt as a link and /data as a directory. */
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'nodrop-copy-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  place = { folder: join(root, 'context'), layer: join(root, 'layer'), below: join(root, 'below') }
  const files = {
    'a.conf': 'a',
    'b.conf': 'b',
    'run.sh': '#!/bin/sh',
    'site/index.html': 'hello',
    'site/css/x.css': 'x',
  }
  for (const [name, text] of Object.entries(files)) {
    const path = join(place.folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  chmodSync(join(place.folder, 'run.sh'), 0o750)
  symlinkSync('index.html', join(place.folder, 'site/default'))
  writeFileSync(join(dirname(place.folder), 'secret'), 'outside of the context')
  mkdirSync(join(place.layer, 'root'), { recursive: true })
  mkdirSync(join(place.below, 'root/data'), { recursive: true })
  symlinkSync('/data', join(place.below, 'root/opt'))
})

function copyFiles(
  sources: string[],
  target: string,
  more: Partial<CopyStep> = {},
  extra = {},
): Promise<BindMountedFile[]> {
  const step: CopyStep = { kind: 'copy', line: 1, sources, target, mode: null, owner: null, ...more }
  const tree = { overlays: [], layers: [place.layer, place.below] }
  return copyIntoLayer(step, { tree, folder: place.folder, extra, accounts })
}
const getPlace = (path: string): string => join(place.layer, 'root', path)
const readCopied = (path: string): string => readFileSync(getPlace(path), 'utf8')

test('COPY: a file gets the target’s name, or keeps its own in a directory', async () => {
  await copyFiles(['a.conf'], '/etc/app/main.conf')
  await copyFiles(['a.conf', 'b.conf'], '/etc/many/')
  expect([readCopied('etc/app/main.conf'), readCopied('etc/many/a.conf'), readCopied('etc/many/b.conf')]).toEqual([
    'a',
    'a',
    'b',
  ])
})

test('COPY: patterns find their files; one that finds none is an error', async () => {
  await copyFiles(['*.conf'], '/etc/')
  expect(readdirSync(getPlace('etc')).sort()).toEqual(['a.conf', 'b.conf'])
  await expect(copyFiles(['*.nowhere'], '/etc/')).rejects.toThrow(`no file in ${place.folder} matches "*.nowhere"`)
})

test('COPY: of a directory its content is copied, links as links', async () => {
  await copyFiles(['site'], '/srv/www')
  expect([readCopied('srv/www/index.html'), readCopied('srv/www/css/x.css')]).toEqual(['hello', 'x'])
  expect(lstatSync(getPlace('srv/www/default')).isSymbolicLink()).toBe(true)
})

test('COPY: a path that leads out of the build context stays in it', async () => {
  await expect(copyFiles(['../secret'], '/secret')).rejects.toThrow('ENOENT')
  await copyFiles(['../../a.conf'], '/a.conf')
  expect(readCopied('a.conf')).toBe('a')
})

test('COPY: a link in the image is followed', async () => {
  await copyFiles(['a.conf'], '/opt/a.conf')
  expect(readdirSync(getPlace('.'))).toEqual(['data'])
  expect(readCopied('data/a.conf')).toBe('a')
})

// A user bound by permissions cannot go below a folder that --chmod has closed.
test.skipIf(!canChangeOwners)('COPY: permissions are kept, or those of --chmod', async () => {
  await copyFiles(['run.sh'], '/kept')
  await copyFiles(['site'], '/changed', { mode: '0640' })
  const modes = ['kept', 'changed/index.html', 'changed/css/x.css'].map(
    (path) => lstatSync(getPlace(path)).mode & 0o7777,
  )
  expect(modes).toEqual([0o750, 0o640, 0o640])
})

test.skipIf(!canChangeOwners)('COPY: files belong to root, or to whom --chown names', async () => {
  await copyFiles(['a.conf'], '/root-owned')
  await copyFiles(['site'], '/web', { owner: 'web:root' })
  const owners = ['root-owned', 'web/index.html', 'web/default'].map((path) => {
    const { uid, gid } = lstatSync(getPlace(path))
    return `${uid}:${gid}`
  })
  expect(owners).toEqual(['0:0', '33:0', '33:0'])
})

test('COPY: an owner whom the image does not know is an error', async () => {
  await expect(copyFiles(['a.conf'], '/a', { owner: 'nobody-here' })).rejects.toThrow('unable to find user nobody-here')
})

test('COPY: an extra file is bound in place of being copied', async () => {
  const extra = { node: '/usr/bin/env', 'tools/sh': '/bin/sh' }
  expect(await copyFiles(['node'], '/usr/local/bin/node', {}, extra)).toEqual([
    { source: '/usr/bin/env', target: '/usr/local/bin/node' },
  ])
  expect(await copyFiles(['./tools/../tools/sh'], '/opt/', {}, extra)).toEqual([
    { source: '/bin/sh', target: '/data/sh' },
  ])
  expect(readdirSync(getPlace('.'))).toEqual([])
})
