import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { LogRecord } from '../model/record.ts'
import { buildRequest, stepAt } from '../testing/samples/records.ts'
import { LogError } from './log-error.ts'
import { readLog } from './reader.ts'
import { openLog } from './writer.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-log-'))
  path = join(directory, 'events.jsonl')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const createRequests = (from: number, count: number): LogRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    type: 'request',
    request: buildRequest({ seq: from + index, dueUs: (from + index) * 5_000, pod: `wéb-${index % 3}` }),
  }))

async function readRecords(from: string): Promise<{ records: LogRecord[]; torn: boolean; complete: boolean }> {
  const log = readLog(from)
  const records = await Array.fromAsync(log)
  return { records, torn: log.torn, complete: log.complete }
}

test.each(['9999999999', '12345678901', 'x'])('a seal with %s for its checksum is damage', async (checksum) => {
  const { bytes } = writeThreeBlocks()
  writeFileSync(path, bytes.toString().replace(/(\["crc",\d+,)\d+\]/, `$1${checksum}]`))
  await expect(readRecords(path)).rejects.toThrow(/line 1 of .*: the block that begins here is not what was written/)
})

test('a compressed log that unpacks to far more than a log does is not read on', async () => {
  writeFileSync(`${path}.zst`, zstdCompressSync(Buffer.alloc(1 << 24)))
  await expect(readRecords(path)).rejects.toThrow('more than 100 times the size of its compressed form')
})

test.each([
  ['a named pipe', () => void spawnSync('mkfifo', [path])],
  ['a device without an end', () => symlinkSync('/dev/zero', path)],
])('%s is no log', async (_, make) => {
  make()
  await expect(readRecords(path)).rejects.toThrow(
    /Cannot read the event log .*: it is a (named pipe|device), not a regular file/,
  )
})

/** The bytes of a log of three blocks, never closed, and where each block begins. */
function writeThreeBlocks(): { bytes: Buffer; starts: number[]; records: LogRecord[] } {
  const records = createRequests(0, 12)
  const log = openLog(path, startClock())
  const starts = [0, 4, 8].map((from) => {
    const start = readFileSync(path).length
    log.writeMany(records.slice(from, from + 4))
    log.flush()
    return start
  })
  const bytes = readFileSync(path)
  rmSync(path)
  return { bytes, starts, records }
}

test('a closed log is compressed, whole and complete', async () => {
  const records: LogRecord[] = [
    ...createRequests(0, 3_000),
    { type: 'end', t: 9, driver: 0, planned: 3_000, lost: null },
  ]
  const log = openLog(path, startClock())
  log.writeMany(records)
  await Promise.all([log.close(), log.close()])
  expect(readdirSync(directory)).toEqual(['events.jsonl.zst'])
  expect(await readRecords(directory)).toEqual({ records, torn: false, complete: true })
  expect(await readRecords(path)).toEqual({ records, torn: false, complete: true })
  expect(() => log.write(stepAt(1, 'end'))).toThrow(/is closed/)
})

test('a log can be read twice, and while it is still written', async () => {
  const log = openLog(path, startClock())
  log.writeMany(createRequests(0, 2))
  log.flush()
  const reader = readLog(path)
  expect(await Array.fromAsync(reader)).toHaveLength(2)
  log.writeMany(createRequests(2, 3))
  log.flush()
  expect(await Array.fromAsync(reader)).toHaveLength(5)
  expect([reader.torn, reader.complete]).toEqual([false, false])
  await log.close()
})

test('a record is in the file 10 ms after it was written, without a flush', async () => {
  const log = openLog(path, startClock())
  log.write(stepAt(1, 'load-begin'))
  expect(readFileSync(path)).toHaveLength(0)
  await expect.poll(() => readFileSync(path).length, { interval: 5, timeout: 2_000 }).toBeGreaterThan(0)
  await log.close()
})

test('a busy event loop does not hold records back', async () => {
  let now = 0
  const log = openLog(path, { originUs: 0, now: () => now })
  log.write(stepAt(1, 'load-begin'))
  now = 10_000
  log.write(stepAt(2, 'disrupt-begin'))
  expect((await readRecords(path)).records).toHaveLength(2)
  await log.close()
})

test('torn log: every complete line of the last block is kept', async () => {
  const { bytes, starts, records } = writeThreeBlocks()
  const last = starts[2]!
  for (let length = last; length <= bytes.length; length++) {
    writeFileSync(path, bytes.subarray(0, length))
    const log = await readRecords(path)
    const lines = bytes.toString('latin1', last, length).split('\n').length - 1
    expect(log.records).toEqual(records.slice(0, 8 + Math.min(4, lines)))
    expect(log.torn).toBe(length > last && length < bytes.length)
  }
})

describe('a log of which one byte is damaged', () => {
  test.each([0, 1, 2])('in block %i never gives a wrong record', async (block) => {
    const { bytes, starts, records } = writeThreeBlocks()
    const end = starts[block + 1] ?? bytes.length
    for (let place = starts[block]!; place < end; place += 7) {
      const damaged = Buffer.from(bytes)
      damaged[place]! ^= 0x20
      writeFileSync(path, damaged)
      const log = await readRecords(path).catch((error: unknown) => error)
      if (log instanceof LogError) continue
      expect(log).toMatchObject({ torn: true })
      const given = (log as { records: LogRecord[] }).records
      expect(given).toEqual(records.slice(0, given.length))
      expect(given.length).toBeLessThanOrEqual(4 * (block + 1))
    }
  })

  test('names the first line of the damaged block', async () => {
    const { bytes, starts } = writeThreeBlocks()
    bytes[starts[1]! + 40]! ^= 1
    writeFileSync(path, bytes)
    await expect(readRecords(path)).rejects.toMatchObject({
      line: 6,
      message: expect.stringContaining(`line 6 of ${path}`),
    })
  })

  test('notices a block that was taken out of the middle', async () => {
    const { bytes, starts } = writeThreeBlocks()
    writeFileSync(path, Buffer.concat([bytes.subarray(0, starts[1]), bytes.subarray(starts[2])]))
    expect(await readRecords(path)).toMatchObject({ torn: true, records: { length: 4 } })
  })

  test('takes the zeros that a power failure leaves for a torn tail', async () => {
    const { bytes, records } = writeThreeBlocks()
    writeFileSync(path, bytes)
    appendFileSync(path, Buffer.alloc(4096))
    expect(await readRecords(path)).toEqual({ records, torn: true, complete: false })
  })

  test('compressed log: cut or damaged, gives what can be had and is torn', async () => {
    const log = openLog(path, startClock())
    log.writeMany(createRequests(0, 40_000))
    await log.close()
    const whole = readFileSync(`${path}.zst`)
    writeFileSync(`${path}.zst`, whole.subarray(0, whole.length / 2))
    const cut = await readRecords(directory)
    expect(cut.torn).toBe(true)
    expect(cut.records.length).toBeGreaterThan(0)
    expect(cut.records).toEqual(createRequests(0, cut.records.length))
    whole[whole.length - 2]! ^= 1
    writeFileSync(`${path}.zst`, whole)
    expect((await readRecords(directory)).torn).toBe(true)
  })
})

test('sealed line: one that is no record is an error with its place', async () => {
  const log = openLog(path, startClock())
  log.write({ type: 'event', t: 1, object: 'a', reason: 'b', message: 'c' })
  log.flush()
  const { crc32 } = await import('node:zlib')
  const body = '{"type":"event","t":1}\n'
  const text = readFileSync(path, 'utf8')
  const previous = Number(/(\d+)\]\n$/.exec(text)?.[1])
  writeFileSync(path, `${text}${body}["crc",1,${crc32(body, previous)}]\n`)
  await expect(readRecords(path)).rejects.toMatchObject({ line: 3 })
  await log.close()
})

test('reading: a directory without a log is empty and torn, no path a fault', async () => {
  expect(await readRecords(directory)).toEqual({ records: [], torn: true, complete: false })
  expect(() => readLog(join(directory, 'nowhere'))).toThrow(/no such file/)
})

test('a log is never written behind another', async () => {
  writeFileSync(path, 'content')
  expect(() => openLog(path, startClock())).toThrow(Fault)
  expect(() => openLog(join(directory, 'no', 'where'), startClock())).toThrow(/Cannot open the event log/)
})

test.for([
  ['a full disk', '/dev/full', 'ENOSPC'],
  // At its offset 0 there is no memory, so every write(2) fails as on a broken disk.
  ['a disk that fails', '/proc/self/mem', 'EIO'],
] as const)('%s is a fault at the next write, at close and in `failed`', async ([, device, code]) => {
  const log = openLog(device, startClock())
  const failed = once(log.failed, 'abort')
  log.write(stepAt(1, 'load-begin'))
  await failed
  expect(log.failed.reason).toMatchObject({ kind: 'environment', message: expect.stringContaining(code) })
  expect(() => log.write(stepAt(2, 'end'))).toThrow(Fault)
  await expect(log.close()).rejects.toThrow(code)
})

/** A child that prints the number of records in its file, one line each time. */
const spawnWriter = (code: string, prefix: string[] = []) => {
  const source = `
    import { openLog } from ${JSON.stringify(join(import.meta.dirname, 'writer.ts'))}
    import { buildRequest } from ${JSON.stringify(join(import.meta.dirname, '../testing/samples/records.ts'))}
    import { startClock } from ${JSON.stringify(join(import.meta.dirname, '../base/clock.ts'))}
    const log = openLog(${JSON.stringify(path)}, startClock())
    ${code}`
  const [command, ...args] = [...prefix, process.execPath, '--input-type=module', '--eval', source] as const
  return spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

test('kill -9 of the writer loses nothing that was flushed', async () => {
  for (let round = 0; round < 3; round++) {
    const writing = spawnWriter(`
      for (let seq = 0; ; seq++) {
        log.write({ type: 'request', request: buildRequest({ seq }) })
        if (seq % 10 === 9) { log.flush(); process.stdout.write(seq + 1 + '\\n') }
        if (seq % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 1))
      }`)
    let flushed = 0
    createInterface(writing.stdout).on('line', (line) => (flushed = Number(line)))
    await expect.poll(() => flushed, { interval: 3, timeout: 10_000 }).toBeGreaterThan(300)
    await sleep(round * 7)
    writing.kill('SIGKILL')
    await once(writing, 'close')
    const log = await readRecords(path)
    expect(log.records.length).toBeGreaterThanOrEqual(flushed)
    expect(log.records.map((record) => (record.type === 'request' ? record.request.seq : -1))).toEqual(
      Array.from({ length: log.records.length }, (_, seq) => seq),
    )
    rmSync(path)
  }
})

test('writing: a full disk is a fault, what was written can be read', async () => {
  const limited = spawnWriter(
    `
      try {
        for (let seq = 0; ; seq++) {
          log.write({ type: 'request', request: buildRequest({ seq }) })
          log.flush()
        }
      } catch (error) {
        process.stdout.write(error.name + ' ' + error.exitCode + ' ' + error.message)
      }`,
    ['prlimit', '--fsize=20000'],
  )
  const said = (await Array.fromAsync(limited.stdout)).join('')
  expect(said).toMatch(/^Fault 3 Cannot write the event log .*EFBIG/)
  const log = await readRecords(path)
  expect(log.torn).toBe(true)
  expect(log.records.length).toBeGreaterThan(100)
})

test('where a log cannot be compressed the plain one stays, whole', async () => {
  const log = openLog(path, startClock())
  log.writeMany(createRequests(0, 5))
  const { mkdirSync } = await import('node:fs')
  mkdirSync(`${path}.zst.part`)
  await log.close()
  expect(existsSync(`${path}.zst`)).toBe(false)
  expect(await readRecords(directory)).toMatchObject({ torn: false, records: { length: 5 } })
})
