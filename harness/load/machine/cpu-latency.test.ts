import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { holdCpuLatency } from './cpu-latency.ts'

const directory = mkdtempSync(join(tmpdir(), 'nodrop-awake-'))
afterAll(() => rmSync(directory, { recursive: true }))

function isOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      // An entry of the folder itself.
      return false
    }
  })
}

test('asks for no latency at all, as long as it is held', () => {
  const device = join(directory, 'device')
  writeFileSync(device, '')
  {
    using awake = holdCpuLatency(device)
    expect(awake.held).toBe(true)
    expect([...readFileSync(device)]).toEqual([0, 0, 0, 0])
    expect(isOpen(device)).toBe(true)
  }
  expect(isOpen(device)).toBe(false)
})

test('cpu latency: a device that refuses is closed and changes nothing', () => {
  using awake = holdCpuLatency('/dev/full')
  expect(awake.held).toBe(false)
  expect(isOpen('/dev/full')).toBe(false)
})

test('where there is no such device nothing is different, and none is made', () => {
  const missing = join(directory, 'missing')
  using awake = holdCpuLatency(missing)
  expect(awake.held).toBe(false)
  expect(() => closeSync(openSync(missing, 'r'))).toThrow('ENOENT')
})
