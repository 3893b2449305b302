import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isPackaged, resolveProgram } from './program-path.ts'

test('programs: those of a checkout are its TypeScript files', () => {
  expect(isPackaged).toBe(false)
  expect(existsSync(resolveProgram(import.meta.dirname, '../embedded/main'))).toBe(true)
})
