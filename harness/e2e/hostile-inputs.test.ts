import { expect, test } from 'vitest'
import { inputs, limits } from './hostile/play.ts'
import { playAll } from './hostile/table.ts'

test(`hostile inputs: each within ${limits.ms} ms and ${limits.MiB} MiB, no stack`, { timeout: 300_000 }, async () => {
  const played = await playAll()
  expect(played.filter(({ wrong }) => wrong.length > 0)).toEqual([])
  expect(played.length).toBe(inputs.length)
  expect(inputs.length).toBeGreaterThanOrEqual(40)
})
