import { statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isPrivate, removeUserAccounts } from './host-mask.ts'

const directory = statSync('/')
const file = statSync(import.meta.filename)
const withMode = (stat: typeof file, mode: number): typeof file =>
  Object.assign(Object.create(stat) as typeof file, { mode })

test.each([
  ['/etc/shadow', file, 0o100640, true],
  ['/etc/ssl/private/key.pem', file, 0o100600, true],
  ['/etc/passwd', file, 0o100644, false],
  ['/etc/ssl/private', directory, 0o040710, true],
  ['/etc/ssl/certs', directory, 0o040755, false],
  ['/etc/odd', directory, 0o040754, true],
  ['/etc/machine-id', file, 0o100444, true],
  ['/etc/nginx/fstab', file, 0o100644, false],
])('Host mask: %s is private: %#', (path, kind, mode, expected) => {
  expect(isPrivate(path, withMode(kind, mode))).toBe(expected)
})

test('Host mask: accounts of packages stay and those of people go', () => {
  const passwd = `root:x:0:0:root:/root:/bin/bash
nginx:x:999:999::/nonexistent:/bin/false
ann:x:1000:1000:Ann,,,:/home/ann:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

torn line
`
  expect(
    removeUserAccounts(passwd)
      .split('\n')
      .map((line) => line.split(':')[0]),
  ).toEqual(['root', 'nginx', 'nobody', ''])
})
