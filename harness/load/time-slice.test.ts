import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { release, setPriority } from 'node:os'
import { expect, test } from 'vitest'
import { askForShortSlice } from './time-slice.ts'

/** ns; `null` where the kernel does not tell. */
function sliceOf(pid: number): number | null {
  try {
    const found = /^se\.slice\s*:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/sched`, 'latin1'))?.[1]
    return found === undefined ? null : Number(found)
  } catch {
    return null
  }
}

const [major = 0, minor = 0] = release().split('.').map(Number)
const isNew = major > 6 || (major === 6 && minor >= 12)

test.skipIf(!isNew || sliceOf(process.pid) === null)(
  'a process gets a slice of a tenth of a ms, and keeps its niceness',
  () => {
    const child = spawn('sleep', ['60'])
    const pid = child.pid ?? 0
    setPriority(pid, 3)
    try {
      expect(askForShortSlice(pid)).toBe(true)
      expect(sliceOf(pid)).toBe(100_000)
      expect(readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ')[18]).toBe('3')
    } finally {
      child.kill('SIGKILL')
    }
  },
)

test('a process that is no more, or a machine without perl, is told by the answer alone', () => {
  expect(askForShortSlice(2 ** 22 - 1)).toBe(false)
  const path = process.env['PATH']
  process.env['PATH'] = '/nonexistent'
  try {
    expect(askForShortSlice()).toBe(false)
  } finally {
    process.env['PATH'] = path
  }
})
