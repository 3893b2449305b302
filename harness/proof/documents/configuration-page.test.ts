import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildConfigJsonSchema } from '../../plan/config/config-schema.ts'
import { renderConfigurationPage } from './configuration-page.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/configuration.md'), 'utf8')

test('docs/configuration.md is what the schema says', () => {
  expect(page).toBe(renderConfigurationPage(buildConfigJsonSchema()))
})

test('every key has a meaning', () => {
  expect(page.split('\n').filter((line) => /^\| `.*\| *\.? *\|$/.test(line))).toEqual([])
})
