import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDirectory, writeDurably } from './durable-file.ts'
import { Fault } from '../fault.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-durable-'))
  path = join(directory, 'report.html')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('writing: a whole file for its owner only, and nothing beside it', () => {
  writeDurably(path, 'first')
  writeDurably(path, 'zweite, größer')
  expect(readFileSync(path, 'utf8')).toBe('zweite, größer')
  expect(readdirSync(directory)).toEqual(['report.html'])
})

test('writing: a link in its place is replaced and not followed', () => {
  const other = join(directory, 'other')
  writeFileSync(other, 'another file')
  spawnSync('ln', ['-s', other, path])
  writeDurably(path, 'report')
  expect([readFileSync(other, 'utf8'), readFileSync(path, 'utf8')]).toEqual(['another file', 'report'])
})

/** Writes `bytes` over the file in another process, and returns the error. */
function writeElsewhere(bytes: number, through: readonly string[]): { said: string; exitCode: number; advice: string } {
  const source = `
    import { writeDurably } from ${JSON.stringify(join(import.meta.dirname, 'durable-file.ts'))}
    let said = {}
    try { writeDurably(${JSON.stringify(path)}, 'x'.repeat(${bytes})) }
    catch ({ message, exitCode, advice }) { said = { said: message, exitCode, advice } }
    process.stdout.write(JSON.stringify(said))`
  const [program, ...args] = [...through, process.execPath, '--input-type=module', '--eval', source]
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as { said: string; exitCode: number; advice: string }
}

/** In a mount namespace of its own, with the directory on a file system prepared like this. */
const mounted = (script: string): string[] => {
  const whole = `dir=$1; shift; ${script} && exec "$@"`
  return ['unshare', '--map-root-user', '--mount', 'sh', '-c', whole, 'sh', directory]
}
const canMount =
  spawnSync('unshare', ['--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

describe('writing: what cannot be written leaves the file before, and ends with 3:', () => {
  beforeEach(() => writeFileSync(path, 'before'))
  const expectBefore = (): void => {
    expect(readFileSync(path, 'utf8')).toBe('before')
    expect(readdirSync(directory)).toEqual(['report.html'])
  }

  test.each([0, 1, 4096, 99_999])('the size of a file is limited to %i bytes', (limit) => {
    expect(writeElsewhere(100_000, ['prlimit', `--fsize=${limit}`])).toEqual({
      said: `Cannot write ${path}: file too large (EFBIG)`,
      exitCode: 3,
      advice: 'Raise the limit on the size of a file (ulimit -f).',
    })
    expectBefore()
  })

  test.skipIf(!canMount).each([0, 4, 64])('the file system has %i KiB left', (left) => {
    const full = `mount -t tmpfs -o size=${left + 8}k none "$dir" && head -c 8192 /dev/zero > "$dir/before"`
    expect(writeElsewhere(100_000, mounted(full))).toMatchObject({
      said: `Cannot write ${path}: no space left on device (ENOSPC)`,
      exitCode: 3,
      advice: expect.stringContaining('Make room') as string,
    })
    expectBefore()
  })

  test.skipIf(!canMount)('the file system is read-only', () => {
    const readOnly = 'mount --bind "$dir" "$dir" && mount -o remount,bind,ro "$dir"'
    expect(writeElsewhere(10, mounted(readOnly))).toMatchObject({
      said: `Cannot write ${path}: read-only file system (EROFS)`,
      exitCode: 3,
    })
    expectBefore()
  })

  test('the directory belongs to another user', () => {
    chmodSync(directory, 0o555)
    const asNobody =
      process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--clear-groups', '--bounding-set=-all'] : []
    expect(writeElsewhere(10, asNobody)).toMatchObject({
      said: `Cannot write ${path}: permission denied (EACCES)`,
      exitCode: 3,
    })
    chmodSync(directory, 0o755)
    expectBefore()
  })
})

test('writing: a directory in its place, or none around it, is named by path', () => {
  mkdirSync(path)
  expect(() => writeDurably(path, 'x')).toThrow(`Cannot write ${path}: illegal operation on a directory (EISDIR)`)
  const missing = join(directory, 'a', 'b')
  expect(() => writeDurably(missing, 'x')).toThrow(`Cannot write ${missing}: no such file or directory (ENOENT)`)
  expect(readdirSync(directory)).toEqual(['report.html'])
})

describe('a directory', () => {
  test('is made with those above it, and may be there already', () => {
    const deep = join(directory, 'a', 'b', 'c')
    createDirectory(deep, 0o700)
    createDirectory(deep)
    expect(existsSync(deep)).toBe(true)
  })

  test.each([
    ['/proc/nodrop/out', /^Cannot make the directory \/proc\/nodrop\/out: no such file or directory \(ENOENT\)$/],
    ['/dev/null/out', /^Cannot make the directory \/dev\/null\/out: \/dev\/null is not a directory$/],
    [`/tmp/${'x'.repeat(300)}`, /: name too long \(ENAMETOOLONG\)$/],
  ])('that cannot be made is told at once: %s', (wanted, message) => {
    let thrown: unknown
    try {
      createDirectory(wanted)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(Fault)
    expect(thrown).toMatchObject({ exitCode: 3, message: expect.stringMatching(message) as string })
  })
})

/** Places where a file is written by other means, with the reasons. */
const exceptions: Record<string, string> = {
  'base/files/durable-file.ts': 'this is how',
  'base/files/bounded-file.ts': 'reads with a descriptor',
  'base/files/named-file.ts': 'a pipe or a device, which nothing may take the place of',
  'load/machine/cpu-latency.ts': 'a device',
  'load/driver/pacer.ts': 'a setting of the kernel',
  'log/compress-log.ts': 'streams to a file beside, which it renames',
  'log/writer.ts': 'appends to the event log',
  'cluster/embedded/embedded-cluster.ts': 'a kubeconfig without a name, that ends with its process',
  'cluster/kind/images.ts': 'copies the context of an image for docker',
  'library/event-queue.ts': 'has no name, and ends with its process',
  'cli/up/up.ts': 'hands the log of the keeper to it',
  'proof/': 'what is measured in a folder of its own, which is removed',
  'e2e/': 'tests',
  'testing/': 'tests',
  'embedded/': 'the file system of the embedded cluster, which is gone with it',
}

test('files: nothing else of nodrop writes any', () => {
  const harness = join(import.meta.dirname, '../..')
  const writes =
    /\b(writeFile|writeFileSync|createWriteStream|appendFile(Sync)?|openSync|copyFile(Sync)?)\(|\bmkdirSync\(.*recursive: true/
  const isException = (file: string): boolean =>
    Object.keys(exceptions).some((place) => file === place || (place.endsWith('/') && file.startsWith(place)))
  const found = readdirSync(harness, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('node_modules'))
    .filter((file) => writes.test(readFileSync(join(harness, file), 'utf8')))
  expect(found.filter((file) => !isException(file))).toEqual([])
  // No exception may remain for a file that is gone.
  const unused = Object.keys(exceptions).filter((place) => !found.some((file) => file.startsWith(place)))
  expect(unused).toEqual([])
})
