import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { listProcesses } from '../../testing/residue.ts'
import { systemPath } from './command.ts'
import { startFirstProcess } from './first-process.ts'
import { FifoPool } from './fifo.ts'

const isRoot = process.getuid?.() === 0

test.skipIf(!isRoot).each([
  ['is not set up', ''],
  ['does not execute its command', 'echo ready $$ >&2;'],
])('a container that %s in time is ended with all that it has started', async (_, says) => {
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-fifos-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const mark = `nodrop-container-${process.pid}`
  const script = `${says} sh -c 'sleep 60; : ${mark}' & sleep 60; : ${mark}`
  const running = (): number => listProcesses().filter(({ command }) => command.includes(mark)).length
  const chain = { argv: ['sh', '-c', script], env: { PATH: systemPath }, underWay: () => true }
  const network = '/proc/self/ns/net'
  const fifos = new FifoPool(directory)
  const started = startFirstProcess({ chain, network, fifos, onLog: () => undefined, limitMs: 500 })
  const refusal = started.catch((error: unknown) => error)
  await vi.waitFor(() => expect(running()).toBeGreaterThan(0))
  expect(await refusal).toMatchObject({ reason: 'CreateContainerError', message: 'context deadline exceeded' })
  await vi.waitFor(() => expect(running()).toBe(0))
})
