/** After all others (see vitest.config.ts). */
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { leftIn } from './temporary.ts'

test('no test has left anything in the folder for temporary files', () => {
  expect(leftIn(tmpdir())).toEqual([])
})
