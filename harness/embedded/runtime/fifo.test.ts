import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { FifoPool } from './fifo.ts'
import type { Fifo } from './fifo.ts'

function createPool(): { pool: FifoPool; directory: string } {
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-fifos-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return { pool: new FifoPool(directory), directory }
}

/** The output of a script that has the pipe as its standard output. */
function runScript(script: string, fifo: Fifo): Promise<string> {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', fifo.writer, 'ignore'] })
  child.unref()
  fifo.handedOver()
  return text(fifo.reader)
}

test('pipes: a program can open its output by the name /dev/stdout', async () => {
  const { pool } = createPool()
  const fifo = await pool.take()
  expect(await runScript('echo inherited; echo opened >/dev/stdout', fifo)).toBe('inherited\nopened\n')
  await fifo.drained(1_000)
})

test('pipes: several at a time are different ones, each with its own text', async () => {
  const { pool } = createPool()
  const fifos = await Promise.all(Array.from({ length: 20 }, () => pool.take()))
  const texts = await Promise.all(fifos.map((fifo, index) => runScript(`echo ${index}`, fifo)))
  expect(texts).toEqual(fifos.map((_, index) => `${index}\n`))
})

test('pipes: one that every writer has closed is used again', async () => {
  const { pool, directory } = createPool()
  for (let round = 0; round < 40; round++) {
    const fifo = await pool.take()
    expect(await runScript(`echo ${round}`, fifo)).toBe(`${round}\n`)
    await fifo.drained(1_000)
  }
  // Made once, sixteen at a time.
  expect(readdirSync(directory)).toHaveLength(16)
})

test('pipes: one that is still held is given up', async () => {
  const { pool, directory } = createPool()
  const fifo = await pool.take()
  const child = spawn('sleep', ['60'], { stdio: ['ignore', fifo.writer, 'ignore'] })
  fifo.handedOver()
  await fifo.drained(20)
  expect(fifo.reader.destroyed).toBe(true)
  expect(readdirSync(directory)).toHaveLength(15)
  child.kill('SIGKILL')
})
