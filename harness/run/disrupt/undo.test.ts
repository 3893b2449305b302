import { expect, test } from 'vitest'
import { Fault } from '../../base/fault.ts'
import { showFailedUndo } from './undo.ts'

test('undo: one that fails is shown with its advice, and fails', async () => {
  const shown: string[] = []
  const fault = new Fault('unknown', 'Cannot uncordon node-1: gone', 'kubectl uncordon node-1 does it.')
  const undo = showFailedUndo(
    () => Promise.reject(fault),
    (line) => void shown.push(line),
  )
  await expect(undo()).rejects.toBe(fault)
  expect(shown).toEqual(['Not undone: Cannot uncordon node-1: gone', 'kubectl uncordon node-1 does it.'])
})

test('undo: one that succeeds shows nothing', async () => {
  const shown: string[] = []
  await showFailedUndo(
    () => Promise.resolve(),
    (line) => void shown.push(line),
  )()
  expect(shown).toEqual([])
})
