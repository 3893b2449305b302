import { expect, test, vi } from 'vitest'
import { isCommandRunning } from '../../testing/residue.ts'
import { runChecked, runCommand } from './command.ts'

test('Command: returns the output of a program and its exit code', async () => {
  const script = 'cat; echo no >&2; exit 3'
  expect(await runCommand(['sh', '-c', script], { input: 'in' })).toEqual({ exitCode: 3, stdout: 'in', stderr: 'no\n' })
  await expect(runChecked(['sh', '-c', script])).rejects.toThrow('failed with exit code 3: no')
})

test('Command: one that takes too long is killed with its children', async () => {
  const mark = `nodrop-command-${process.pid}`
  const script = `sh -c 'sleep 60; : ${mark}' & sleep 60; : ${mark}`
  const ended = runCommand(['sh', '-c', script], { limitMs: 300 })
  await vi.waitFor(() => expect(isCommandRunning(mark)).toBe(true))
  await expect(ended).rejects.toThrow('Ended sh and what it had started: it had not ended after 0.3 s')
  await vi.waitFor(() => expect(isCommandRunning(mark)).toBe(false))
})

test('Command: a program that writes too much is killed', async () => {
  await expect(runCommand(['cat', '/dev/zero'], { limitBytes: 100_000 })).rejects.toThrow(
    'Ended cat and what it had started: it wrote more than 100000 bytes',
  )
})

test('Command: a program that does not exist is named', async () => {
  await expect(runCommand(['/no/such/program'])).rejects.toThrow('Cannot run /no/such/program: ')
})
