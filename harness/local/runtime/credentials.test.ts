import { expect, test } from 'vitest'
import { credentialsOf } from './credentials.ts'

const accounts = {
  passwd: 'root:x:0:0:root:/root:/bin/sh\nweb:x:33:34:web:/srv/web:/bin/sh\n',
  group: 'web:x:34:\nadm:x:4:\n',
}

test.each([
  ['', { uid: 0, gid: 0, home: '/root' }],
  ['web', { uid: 33, gid: 34, home: '/srv/web' }],
  ['33', { uid: 33, gid: 34, home: '/srv/web' }],
  ['web:adm', { uid: 33, gid: 4, home: '/srv/web' }],
  ['10001:10002', { uid: 10001, gid: 10002, home: '/' }],
  ['10001', { uid: 10001, gid: 0, home: '/' }],
])('USER %s', (user, expected) => {
  expect(credentialsOf(user, accounts)).toEqual(expected)
})

test('an unknown name is refused', () => {
  expect(() => credentialsOf('nobody-here', accounts)).toThrow('unable to find user nobody-here')
  expect(() => credentialsOf('web:nowhere', accounts)).toThrow('unable to find group nowhere')
})
