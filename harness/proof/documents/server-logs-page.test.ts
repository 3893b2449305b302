import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { renderServerLogsPage } from './server-logs-page.ts'

const page = join(import.meta.dirname, '../../../docs/server-logs.md')

test('docs/server-logs.md is what the parsers say', () => {
  expect(readFileSync(page, 'utf8')).toBe(renderServerLogsPage())
})
