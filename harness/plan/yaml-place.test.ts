import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { locateField } from './yaml-place.ts'

const folder = mkdtempSync(join(tmpdir(), 'nodrop-place-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'mine.yaml')

const text = `# loses: x
spec:
  template:
    metadata: { labels: { a.b/c: no! } }
    spec:
      containers:
        - name: app
          ports: [{ containerPort: 80 }, { containerPort: 99999 }]
        - name: nginx
          lifecycle: {}
`

test.each([
  ['spec.template.spec.containers[1].ports[1].containerPort', 'Invalid value: 99999: must be', ':8:44'],
  ['spec.template.metadata.labels[a.b/c]', 'Invalid value: "no!"', ':4:27'],
  // A missing field is not in the text, so the innermost existing one is returned.
  ['spec.template.spec.containers[0].lifecycle.preStop.exec', 'Required value', ':10:11'],
  ['status', 'unknown field', ''],
])('places: finds %s', (field, message, place) => {
  writeFileSync(path, text)
  expect(locateField(path, { field, message })).toBe(path + place)
})

test('places: only in the document of the kind that is meant', () => {
  writeFileSync(path, 'kind: Service\nspec: { a: 1 }\n---\nkind: Deployment\nspec: { a: 1 }\n')
  expect(locateField(path, { field: 'spec.a', message: '' }, 'Deployment')).toBe(`${path}:5:9`)
})
