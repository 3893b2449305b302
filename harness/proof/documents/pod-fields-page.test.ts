import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { enforcedField, keptField, nestedFields, podFields, refusedField } from '@nodrop/embedded-kubernetes/pod-fields'
import { renderPodFieldsPage } from './pod-fields-page.ts'

const page = join(import.meta.dirname, '../../../docs/pod-fields.md')

test('docs/pod-fields.md is what the table says', () => {
  expect(readFileSync(page, 'utf8')).toBe(renderPodFieldsPage(podFields))
})

test('each table is told once, with every path that leads to it', () => {
  const inner = {
    tty: refusedField('no terminal; remove it', [false]),
    user: enforcedField(),
    label: keptField('not looked at'),
  }
  const text = renderPodFieldsPage({ a: nestedFields(inner), b: nestedFields(inner), c: enforcedField('so far') })
  expect(text.slice(text.indexOf('## ')).split('\n')).toEqual([
    '## spec',
    '',
    '| field | is | remark |',
    '|---|---|---|',
    '| a | by its fields |  |',
    '| b | by its fields |  |',
    '| c | enforced | so far |',
    '',
    '## spec.a, spec.b',
    '',
    '| field | is | remark |',
    '|---|---|---|',
    '| tty | refused | only `false`: no terminal; remove it |',
    '| user | enforced |  |',
    '| label | kept | not looked at |',
    '',
  ])
})
