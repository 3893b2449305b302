import { expect, test } from 'vitest'
import { findKeyPlace } from './find-key-place.ts'

const text = `// rate: 1
export default {
  target: { path: '/rate: 2' },
  'rate': 3,
  requests: [{ method: 'GET' }, { method: 'FETCH' }],
}
`

test.each<[what: string, keys: PropertyKey[], place: string]>([
  ['a key is found, not what comments and strings have', ['rate'], 's.ts:4:3'],
  ['a key is looked for behind the one that it is in', ['target', 'path'], 's.ts:3:13'],
  [
    'of an element the place of its list is told: one before it may have the same key',
    ['requests', 1, 'method'],
    's.ts:5:3',
  ],
  ['of a key that is not there the place of the one that it would be in is told', ['target', 'name'], 's.ts:3:3'],
  ['without any key that is there only the file is told', ['gates'], 's.ts'],
])('place: %s', (_, keys, place) => {
  expect(findKeyPlace('s.ts', text, keys)).toBe(place)
})
