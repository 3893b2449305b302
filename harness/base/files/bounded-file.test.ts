import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readBytes, readJson, readText } from './bounded-file.ts'
import { Fault } from '../fault.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-bounded-'))
  path = join(directory, 'file')
})
afterEach(() => rmSync(directory, { recursive: true }))

const mebibyte = 1 << 20

test('reading: up to the limit, and not one byte more', () => {
  writeFileSync(path, Buffer.alloc(mebibyte, 'x'))
  expect(readBytes(path, mebibyte)).toHaveLength(mebibyte)
  expect(() => readBytes(path, mebibyte - 1)).toThrow(`Cannot read ${path}: it is larger than ${mebibyte - 1} bytes`)
})

test('reading: a file of /proc, whose size is 0, is read whole', () => {
  expect(readText('/proc/self/status', mebibyte)).toMatch(/^Name:/)
  expect(() => readText('/proc/self/status', 100)).toThrow('it is larger than 100 bytes')
})

test.each<[what: string, make: () => string, says: RegExp]>([
  [
    'a named pipe without a writer',
    () => (spawnSync('mkfifo', [path]), path),
    /it is a named pipe, not a regular file$/,
  ],
  ['a device without an end', () => '/dev/zero', /it is a device, not a regular file$/],
  ['a link to a device', () => (spawnSync('ln', ['-s', '/dev/zero', path]), path), /it is a device/],
  ['a link to itself', () => (spawnSync('ln', ['-s', path, path]), path), /too many symbolic links.*\(ELOOP\)$/],
  ['a directory', () => (mkdirSync(path), path), /it is a directory, not a regular file$/],
  ['nothing', () => path, /no such file or directory \(ENOENT\)$/],
  ['a file of 1 TiB', () => (writeFileSync(path, ''), truncateSync(path, 2 ** 40), path), /larger than 1 MiB$/],
  ['UTF-16', () => (writeFileSync(path, Buffer.from('\ufeffa: 1', 'utf16le')), path), /:1: the text is not UTF-8$/],
  ['Latin-1', () => (writeFileSync(path, Buffer.from('a\nbö\n', 'latin1')), path), /:2: the text is not UTF-8$/],
  ['half of JSON', () => (writeFileSync(path, '{"a": [1,'), path), /it is not JSON: /],
])('reading: %s is refused with 2 and the path', (_, make, says) => {
  const file = make()
  let thrown: unknown
  try {
    readJson(file, mebibyte)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(Fault)
  expect(thrown).toMatchObject({ exitCode: 2, message: expect.stringMatching(says) as string })
  expect((thrown as Fault).message).toContain(`Cannot read ${file}`)
})
