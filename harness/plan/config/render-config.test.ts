import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readConfigFile } from './read-config.ts'
import { renderConfig } from './render-config.ts'
import type { ConfigForm, Setting } from './render-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'nodrop-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
let written = 0

function readBack(form: ConfigForm, settings: readonly Setting[]): object {
  const path = join(folder, `${++written}.${form}`)
  writeFileSync(path, renderConfig(form, settings))
  return readConfigFile(path).config
}

const texts = [
  "it's",
  'a "b"',
  'a\\b',
  'a\nb: c',
  '*/',
  '${x}',
  '`',
  'null',
  'yes',
  '12',
  '- a',
  '# a',
  'a: b',
  '\u2028',
  'ä',
]

test.each(['ts', 'yaml'] as const)('%s: whatever a text is, it is read as it was', (form) => {
  for (const text of texts) {
    const target = [
      { key: 'kind', value: 'service' },
      { key: 'name', value: 'shop' },
      { key: 'context', value: text },
    ]
    const settings = [
      { key: 'target', value: target },
      { key: 'scenarios', value: [text, text] },
    ]
    expect(readBack(form, settings)).toEqual({
      target: { kind: 'service', name: 'shop', context: text },
      scenarios: [text, text],
    })
  }
})

test.each(['ts', 'yaml'] as const)('%s: a comment stays one, and what is commented out is no setting', (form) => {
  const comment = ['a Service\nrounds: 7,\u2028rounds: 7,\r*/ rounds: 7,']
  const settings: Setting[] = [
    { key: 'rate', value: 5, comment },
    { key: 'rounds', value: 3, isExample: true },
    { key: 'gates', value: [{ key: 'lost', value: 0 }], isExample: true },
  ]
  expect(readBack(form, settings)).toEqual({ rate: 5 })
})
