import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runChecked } from '../runtime/command.ts'
import { formatFstab } from './fstab.ts'
import type { MountEntry } from './fstab.ts'

test('fstab: mount(8) reads back what was written, whatever is in a path', async () => {
  const entries: MountEntry[] = [
    { source: '/a plain', target: '/mnt/tab\there', type: 'none', options: ['bind', 'ro'] },
    { source: '/back\\slash', target: '/mnt/#hash', type: 'none', options: ['bind'] },
    { source: 'overlay', target: '/mnt/ü', type: 'overlay', options: ['lowerdir=/x y:/z', 'upperdir=/u'] },
    { source: 'shm', target: '/dev/shm', type: 'tmpfs', options: ['size=64m', 'mode=1777'] },
  ]
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-fstab-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'fstab')
  writeFileSync(file, formatFstab(entries))
  const columns = 'SOURCE,TARGET,FSTYPE,OPTIONS'
  const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' }
  const json = await runChecked(['findmnt', '--tab-file', file, '--list', '--json', '--output', columns], { env })
  const { filesystems } = JSON.parse(json) as { filesystems: Record<string, string>[] }
  expect(filesystems).toEqual(
    entries.map(({ source, target, type, options }) => ({ source, target, fstype: type, options: options.join(',') })),
  )
})
