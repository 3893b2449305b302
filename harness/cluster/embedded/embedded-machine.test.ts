import { expect, test } from 'vitest'
import { checkPrograms, programs } from './embedded-machine.ts'

test.each(Object.entries(programs))('without %s the package %s is named', (hidden, debianPackage) => {
  const check = checkPrograms((program) => program !== hidden)
  expect([check.ok, check.found, check.fix]).toEqual([false, `missing: ${hidden}`, `apt-get install ${debianPackage}`])
})

test('machine check: programs that are there are found', () => {
  expect(checkPrograms(() => true)).toMatchObject({ ok: true, fix: '' })
})
